"""What the headers of one request ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.rehearsal.errors import SalesforceError, refuse

DUPLICATE_HEADER_FROM = 52


@dataclass(frozen=True)
class Options:
    """Headers that change what a call does; one that cannot be read does not count."""

    allow_duplicates: bool = False
    # "true", "false" or the id of an assignment rule.
    assignment: str = "true"
    modified_since: datetime | None = None
    unmodified_since: datetime | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], version: str) -> Options:
        """Read the headers of a request or of one part of a composite."""
        lower = {name.lower(): str(value).strip() for name, value in headers.items()}
        rule = lower.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return cls(
            allow_duplicates="allowsave=true" in rule.split(";")
            and float(version) >= DUPLICATE_HEADER_FROM,
            assignment=_assignment(lower.get("sforce-auto-assign", "")),
            modified_since=_moment(lower.get("if-modified-since")),
            unmodified_since=_moment(lower.get("if-unmodified-since")),
        )

    def unchanged(self, stamp: str) -> bool:
        """Whether `If-Modified-Since` is later than, or the same as, the last change."""
        return self.modified_since is not None and _seconds(stamp) <= self.modified_since

    def check_unmodified(self, stamp: str) -> None:
        """412 if the record was changed after `If-Unmodified-Since`."""
        if self.unmodified_since is not None and _seconds(stamp) > self.unmodified_since:
            raise _precondition_failed()


def _assignment(value: str) -> str:
    return value.lower() or "true" if value.lower() in ("", "true", "false") else value


def _seconds(stamp: str) -> datetime:
    # The headers know whole seconds only.
    return datetime.fromisoformat(stamp).replace(microsecond=0)


def _moment(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value or "")
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _precondition_failed() -> SalesforceError:
    # The status is documented, code and text are not.
    message = (
        "The request wasn't executed because one or more of the preconditions that the client "
        "specified in the request headers wasn't satisfied."
    )
    return refuse("PRECONDITION_FAILED", message, status=412)
