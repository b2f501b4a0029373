"""Error code → family, sentence, who fixes it, where to click. Data; `catalogue.py` reads it."""

from __future__ import annotations

from integrations.salesforce.families import Explanation
from integrations.salesforce.messages_connection import CONNECTION
from integrations.salesforce.messages_records import RECORDS

MESSAGES: dict[str, Explanation] = {**CONNECTION, **RECORDS}
