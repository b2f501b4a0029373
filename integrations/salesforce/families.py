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
    """An error in words a customer understands.

    `where` names the place in Setup, `setup_path` is its address in any org (`setup_links.py`);
    both may be empty. In the catalogue `{fields}` stands for the fields that Salesforce named and
    `{object}` for the object that the error is about.
    """

    family: Family
    sentence: str
    who: str
    where: str = ""
    setup_path: str = ""


class Messages(dict[str, Explanation]):
    """Code → explanation, written line by line."""

    def customer(self, code: str, sentence: str, where: str = "", setup: str = "") -> None:
        """The customer's administrator has to change something, at `where`."""
        self[code] = Explanation(Family.CUSTOMER_MUST_ACT, sentence, ADMINISTRATOR, where, setup)

    def ours(self, code: str, sentence: str) -> None:
        """UserGems has to change something."""
        self[code] = Explanation(Family.WE_MUST_ACT, sentence, USERGEMS)

    def again(
        self, code: str, sentence: str, where: str = "", setup: str = "", who: str = NOBODY
    ) -> None:
        """It passes by itself; `where` shows more about it."""
        self[code] = Explanation(Family.TRY_AGAIN, sentence, who, where, setup)
