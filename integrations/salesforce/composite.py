"""Several reads in one call (platform reference, 2.4): the answers in the order asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.salesforce.door import Door
from integrations.salesforce.errors import SalesforceError, error_for, parse_errors
from integrations.salesforce.shapes import mapping, number, reading

# Subrequests that one composite call may hold, and how many may be queries or collections.
MAX_PARTS = 25
MAX_QUERIES = 5


@dataclass(frozen=True)
class Part:
    """The answer to one subrequest: its own status, body and headers."""

    status: int
    body: Any
    headers: Mapping[str, Any]

    @property
    def error(self) -> SalesforceError | None:
        """Why it was refused; None for 200."""
        if self.status == 200:
            return None
        return error_for(parse_errors(self.status, "", self.body), self.status, "in composite")


def composite_parts(
    door: Door,
    paths: Sequence[str],
    headers: Mapping[str, str] | None = None,
    *,
    tooling: bool = False,
) -> list[Part]:
    """Up to 25 reads in one call, refused ones among them; `headers` stand on each of them.

    `tooling`: by the Tooling API's own composite, with paths that begin with `tooling/`.
    Raises ValueError for more, SalesforceError when the call as a whole fails.
    """
    if len(paths) > MAX_PARTS:
        raise ValueError(f"One call takes {MAX_PARTS} reads.")
    base = f"/services/data/v{door.config.api_version}/"
    body = {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": "GET",
                "url": base + path,
                "referenceId": f"r{place}",
                **({"httpHeaders": dict(headers)} if headers else {}),
            }
            for place, path in enumerate(paths)
        ],
    }
    answer = door.ask("tooling/composite" if tooling else "composite", body)
    with reading("composite"):
        parts = {part["referenceId"]: part for part in answer["compositeResponse"]}
        ordered = [parts[f"r{place}"] for place in range(len(paths))]
        return [
            Part(number(part["httpStatusCode"]), part.get("body"), mapping(part.get("httpHeaders")))
            for part in ordered
        ]


def composite_get(
    door: Door, paths: Sequence[str], headers: Mapping[str, str] | None = None
) -> list[Any]:
    """As `composite_parts`, the bodies alone.

    Raises SalesforceError for the first one that was refused.
    """
    parts = composite_parts(door, paths, headers)
    for part in parts:
        if part.error is not None:
            raise part.error
    return [part.body for part in parts]
