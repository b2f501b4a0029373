"""Three families of error; the family decides whether to retry, to ask, or to tell ourselves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Who has to do something about an error (style rule 15)."""

    TRY_AGAIN = "try_again"
    CUSTOMER_MUST_ACT = "customer_must_act"
    WE_MUST_ACT = "we_must_act"


ADMINISTRATOR = "your Salesforce administrator"
USERGEMS = "UserGems"
NOBODY = "nobody, we try again"


@dataclass(frozen=True)
class Explanation:
    """An error in words a customer understands; `where` names the place in Setup, or is empty."""

    family: Family
    sentence: str
    who: str
    where: str = ""
