"""simple-salesforce, held to our ways, and the pace of a client that nobody paces."""

from __future__ import annotations

from typing import Any

import requests
from simple_salesforce.api import Salesforce

from integrations.salesforce.answers import json_read
from integrations.salesforce.config import ApiUsage


class Library(Salesforce):
    """simple-salesforce, reading answers as we do."""

    def parse_result_to_json(self, result: requests.Response) -> Any:
        """The value of a success; ValueError unless it is an object or a list."""
        value = json_read(result.content)
        if not isinstance(value, dict | list):
            raise ValueError("The answer is neither an object nor a list.")
        return value

    @staticmethod
    def parse_api_usage(sforce_limit_info: str) -> dict[str, Any]:
        """Nothing: the session reads the header, on every answer."""
        return {}


class NoPace:
    """For a client whose calls nobody counts: one before the connection is confirmed, and tests."""

    def call_begins(self, *, seconds: float) -> None:
        """Any number at a time."""

    def call_ended(self, usage: ApiUsage | None) -> None:
        """Nothing to keep."""

    def close(self) -> None:
        """Nothing to give back."""
