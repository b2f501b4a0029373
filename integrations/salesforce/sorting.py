"""An answer that is no success, sorted: ask again, renew the token, refused, or not known.

What each means on a read and on a write is the write protocol's table; nothing here sends.
"""

from __future__ import annotations

import re

import requests
from urllib3.exceptions import NewConnectionError

from integrations.salesforce.catalogue import NOT_A_TOKEN_PROBLEM, is_concurrent_limit
from integrations.salesforce.errors import (
    ApiError,
    Family,
    OutcomeUnknown,
    SalesforceError,
    error_for,
)

# Salesforce's edge, or a proxy, that could not pass it on; whether it did is not said.
_NOT_PASSED_ON = frozenset({408, 420, 429})
TOO_LARGE = "ANSWER_TOO_LARGE"
# Codes are written like this; what a proxy calls an error is not.
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


class NoSuccess(Exception):
    """An answer that is no success, or none at all, before it is sorted."""

    def __init__(
        self, status: int | None, errors: list[ApiError], detail: str, *, sent: bool = True
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = errors
        self.detail = detail
        self.sent = sent

    @property
    def code(self) -> str:
        """What it is about: the first error's code."""
        return self.errors[0].code

    @property
    def token_rejected(self) -> bool:
        """Whether a newer token may help (platform reference, 3.2)."""
        if self.status == 403:
            return self.code == "Bad_OAuth_Token"
        # With 401 only, as which `soap.py` reads it too: another status proves nothing of a write.
        if self.status != 401 or self.code != "INVALID_SESSION_ID":
            return False
        text = self.errors[0].message.lower()
        return not any(sign in text for sign in NOT_A_TOKEN_PROBLEM)

    @property
    def is_transient(self) -> bool:
        """No answer, a cut one, a page, or Salesforce's own trouble; asking again may help."""
        if self.code == TOO_LARGE:
            return False
        if self.status is None or self.status < 300 or self.status in _NOT_PASSED_ON:
            return True
        return self.status >= 500 and self.errors[0].family is Family.TRY_AGAIN

    @property
    def is_too_many_at_once(self) -> bool:
        """Whether the org answers too many long calls at this moment; seconds later it may not."""
        error = self.errors[0]
        return error.code == "REQUEST_LIMIT_EXCEEDED" and is_concurrent_limit(error.message)

    @property
    def proves_nothing_happened(self) -> bool:
        """Whether it never left us, or Salesforce itself said no: its own codes with 4xx.

        Several matches, "not modified" and a redirect were not carried out either; 303 would say
        the opposite.
        """
        if not self.sent:
            return True
        if self.status is None or not 300 <= self.status < 500:
            return False
        if self.status < 400:
            return self.status != 303
        if self.status in _NOT_PASSED_ON or self.code.startswith("HTTP_"):
            return False
        return bool(_CODE.fullmatch(self.code)) or self.token_rejected


def read_error(answer: NoSuccess) -> SalesforceError:
    """What a read that was refused or never answered raises."""
    return error_for(answer.errors, answer.status or 0, answer.detail)


def write_error(answer: NoSuccess) -> SalesforceError:
    """What a write raises: OutcomeUnknown unless it is certain that nothing happened."""
    if answer.proves_nothing_happened:
        return error_for(answer.errors, answer.status or 0, answer.detail)
    return OutcomeUnknown(answer.detail, status=answer.status)


def never_sent(problem: requests.RequestException) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    if isinstance(problem, requests.ConnectTimeout):
        return True
    inner = problem.args[0] if problem.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)
