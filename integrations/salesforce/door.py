"""The one door to an org: sends, renews the token once, repeats reads, sorts the answers.

simple-salesforce is used only through `restful()` and `query()`, on our session. It never gets
the means to refresh, and its exceptions end here.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError as Refusal
from urllib3.exceptions import NewConnectionError

from integrations.salesforce.catalogue import NOT_A_TOKEN_PROBLEM
from integrations.salesforce.config import ClientConfig, TokenSource
from integrations.salesforce.errors import (
    ApiError,
    ConnectionLost,
    OutcomeUnknown,
    SalesforceError,
    error_for,
    parse_errors,
)
from integrations.salesforce.session import OrgSession, org_origin

READ_REPEATS = 2
_TRANSIENT = frozenset({420, 500, 502, 503, 504})
_PAGE = re.compile(r"/services/data/v(\d+\.\d)/((?:tooling/)?query(?:All)?/[A-Za-z0-9_-]{1,200})")

Call = Callable[[Salesforce, float], Any]


class _Answer(Exception):
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
    def token_rejected(self) -> bool:
        """Whether a newer token may help (platform reference, 3.2)."""
        if self.status == 403:
            return self.errors[0].code == "Bad_OAuth_Token"
        if self.status != 401 or self.errors[0].code != "INVALID_SESSION_ID":
            return False
        text = self.errors[0].message.lower()
        return not any(sign in text for sign in NOT_A_TOKEN_PROBLEM)

    @property
    def is_transient(self) -> bool:
        """No answer, a cut one, a page, or Salesforce's own trouble."""
        return self.status is None or self.status in _TRANSIENT or self.status < 300

    @property
    def proves_nothing_happened(self) -> bool:
        """Whether it never left us, or Salesforce itself said no: its own codes with 3xx or 4xx."""
        if not self.sent:
            return True
        if self.status is None or not 300 <= self.status < 500 or self.status == 420:
            return False
        return self.status < 400 or not self.errors[0].code.startswith("HTTP_")


class Door:
    """Calls to one org. Not for several threads at a time: one per task."""

    def __init__(
        self,
        *,
        instance_url: str,
        tokens: TokenSource,
        config: ClientConfig,
        org_id: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config = config
        self.origin = org_origin(instance_url, config)
        self.session = OrgSession(config, origin=self.origin, org_id=org_id)
        self._tokens = tokens
        self._sleep = sleep
        self._library: Salesforce | None = None

    # --- reads --------------------------------------------------------------------------------

    def get(self, path: str, params: dict[str, str] | None = None) -> Any:
        """A read below `/services/data/vNN.N/`; the parsed answer, None for an empty one."""
        return self._read(
            lambda library, seconds: library.restful(path, params=params, timeout=seconds)
        )

    def ask(self, path: str, body: Any) -> Any:
        """A read that has to be posted, such as composite queries."""
        return self._read(
            lambda library, seconds: library.restful(
                path, method="POST", json=body, timeout=seconds
            )
        )

    def query(self, soql: str) -> Any:
        """The first page of a query, by GET."""
        return self._read(lambda library, seconds: library.query(soql, timeout=seconds))

    def next_page(self, address: str) -> Any:
        """The page that `nextRecordsUrl` names; SalesforceError unless it has that form."""
        found = _PAGE.fullmatch(address)
        if not found or found[1] != self.config.api_version:
            raise SalesforceError("UNEXPECTED_ANSWER", detail="nextRecordsUrl has an odd form")
        return self.get(found[2])

    def plain(self, path: str, *, with_token: bool) -> Any:
        """A read outside `/services/data/vNN.N/`: the versions, and who the token belongs to."""

        def call(library: Salesforce, seconds: float) -> Any:
            headers = {"Authorization": library.headers["Authorization"]} if with_token else {}
            answer = self.session.get(f"{self.origin}{path}", headers=headers, timeout=seconds)
            if answer.status_code != 200:
                raise Refusal(answer.url, answer.status_code, path, answer.content)
            return answer.json()

        return self._read(call)

    # --- writes -------------------------------------------------------------------------------

    def write(self, path: str, body: Any) -> Any:
        """A write, sent once; again only after a 401, which proves that nothing happened.

        Raises OutcomeUnknown when it may have happened, SalesforceError when it has not.
        """
        started = time.monotonic()

        def call(library: Salesforce, seconds: float) -> Any:
            return library.restful(path, method="POST", json=body, timeout=seconds)

        try:
            return self._once(call, self.config.write_timeout)
        except _Answer as answer:
            if not answer.token_rejected:
                raise _write_error(answer) from None
        self._renew()
        left = self.config.write_timeout - (time.monotonic() - started)
        if left < self.config.write_timeout / 2:
            # Whoever claimed this write counts on one time-out; a late repeat would outlive it.
            raise SalesforceError("NO_ANSWER", detail="renewing the token took too long")
        try:
            return self._once(call, left)
        except _Answer as answer:
            if answer.token_rejected:
                raise ConnectionLost(status=answer.status, detail="new token refused") from None
            raise _write_error(answer) from None

    # --- inside -------------------------------------------------------------------------------

    def _read(self, call: Call) -> Any:
        repeats = 0
        renewed = False
        while True:
            try:
                return self._once(call, self.config.read_timeout)
            except _Answer as answer:
                if answer.token_rejected and not renewed:
                    renewed = True
                elif answer.token_rejected:
                    raise ConnectionLost(status=answer.status, detail="new token refused") from None
                elif answer.is_transient and repeats < READ_REPEATS:
                    repeats += 1
                    # Spread over half to one and a half of 0.5 s, 1 s: not all clients at once.
                    self._sleep(0.5 * repeats * random.uniform(0.5, 1.5))  # noqa: S311
                    continue
                else:
                    raise _read_error(answer) from None
            self._renew()

    def _once(self, call: Call, seconds: float) -> Any:
        """One attempt; `_Answer` for everything that is no success.

        What the library and requests raise holds the whole address, with e-mail addresses in a
        query: it is not chained.
        """
        try:
            return call(self._ready(), seconds)
        except Refusal as refusal:
            errors = parse_errors(refusal.status, "", refusal.content)
            raise _Answer(refusal.status, errors, "refused") from None
        except requests.exceptions.JSONDecodeError:
            raise _Answer(200, [ApiError("NOT_JSON")], "the answer is no JSON") from None
        except requests.RequestException as problem:
            raise _Answer(
                None,
                [ApiError("NO_ANSWER")],
                type(problem).__name__,
                sent=not never_sent(problem),
            ) from None
        except ValueError:
            raise _Answer(200, [ApiError("NOT_JSON")], "the answer is no JSON") from None

    def _ready(self) -> Salesforce:
        if self._library is None:
            self._library = self._library_for(self._tokens.access_token())
        return self._library

    def _renew(self) -> None:
        rejected = self._ready().session_id
        self._library = self._library_for(self._tokens.renew(rejected))

    def _library_for(self, token: str) -> Salesforce:
        library = Salesforce(
            session_id=token,
            instance_url=self.origin,
            session=self.session,
            version=self.config.api_version,
            object_pairs_hook=without_nulls,
        )
        del library.headers["X-PrettyPrint"]
        return library


def without_nulls(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One object of an answer, without null characters: PostgreSQL takes none in text."""
    return {
        name: value.replace("\x00", "") if isinstance(value, str) else value
        for name, value in pairs
    }


def _read_error(answer: _Answer) -> SalesforceError:
    return error_for(answer.errors, answer.status or 0, answer.detail)


def _write_error(answer: _Answer) -> SalesforceError:
    if answer.proves_nothing_happened:
        return error_for(answer.errors, answer.status or 0, answer.detail)
    return OutcomeUnknown(answer.detail, status=answer.status)


def never_sent(problem: requests.RequestException) -> bool:
    """Whether no connection came about, so that nothing can have arrived."""
    if isinstance(problem, requests.ConnectTimeout):
        return True
    inner = problem.args[0] if problem.args else None
    return isinstance(getattr(inner, "reason", None), NewConnectionError)
