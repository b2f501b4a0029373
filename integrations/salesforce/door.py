"""The one door to an org: keeps pace, sends, renews the token once, repeats reads.

simple-salesforce is used only through `restful()` and `query()`, on our session, and reads JSON
as `answers.py` does. It never gets the means to refresh, and its exceptions end here.
"""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import requests
from simple_salesforce.exceptions import SalesforceError as Refusal

from integrations.salesforce.answers import json_read
from integrations.salesforce.config import ClientConfig, Pace, TokenSource
from integrations.salesforce.errors import (
    ApiError,
    ConnectionLost,
    SalesforceError,
    parse_errors,
)
from integrations.salesforce.library import Library, NoPace
from integrations.salesforce.session import (
    AddressRefused,
    AnswerTooLarge,
    OrgSession,
    org_origin,
)
from integrations.salesforce.sorting import (
    TOO_LARGE,
    NoSuccess,
    never_sent,
    read_error,
    write_error,
)

READ_REPEATS = 2
# Seconds before the first repeat, twice as long before the second: after no proper answer, and
# after "too many calls at once", which lasts until one of those calls has ended.
REPEAT_STEP = 0.5
BUSY_STEP = 2.0
_PAGE = re.compile(r"/services/data/v(\d+\.\d)/((?:tooling/)?query(?:All)?/[A-Za-z0-9_-]{1,200})")

Call = Callable[[Library, float], Any]
# A refusal as REST would word it: HTTP status, and a list of `{"errorCode", "message"}`.
Fault = tuple[int, list[dict[str, str]]]


class Door:
    """Calls to one org. Not for several threads at a time: one per task."""

    def __init__(
        self,
        *,
        instance_url: str,
        tokens: TokenSource,
        config: ClientConfig,
        org_id: str = "",
        pace: Pace | None = None,
        production: bool = False,
        patience: float = math.inf,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.config = config
        self.production = production
        self.origin = org_origin(instance_url, config)
        self.session = OrgSession(config, origin=self.origin, org_id=org_id)
        self._tokens = tokens
        self._pace: Pace = pace or NoPace()
        self._sleep = sleep
        self._patience = patience
        self._began: float | None = None
        self._library: Library | None = None

    def close(self) -> None:
        """Give the connection back, and what the pace holds for it."""
        self.session.close()
        self._pace.close()

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

    def query(
        self, soql: str, *, deleted: bool = False, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The first page of a query, by GET; with `deleted`, of `queryAll`."""
        return self._read(
            lambda library, seconds: library.query(
                soql, include_deleted=deleted, headers=dict(headers or {}), timeout=seconds
            )
        )

    def next_page(self, address: str) -> Any:
        """The page that `nextRecordsUrl` names; SalesforceError unless it has that form."""
        found = _PAGE.fullmatch(address)
        if not found or found[1] != self.config.api_version:
            raise SalesforceError("UNEXPECTED_ANSWER", detail="nextRecordsUrl has an odd form")
        return self.get(found[2])

    def plain(self, path: str, *, with_token: bool) -> Any:
        """A read outside `/services/data/vNN.N/`: the versions, and who the token belongs to."""

        def call(library: Library, seconds: float) -> Any:
            headers = {"Authorization": library.headers["Authorization"]} if with_token else {}
            answer = self.session.get(f"{self.origin}{path}", headers=headers, timeout=seconds)
            if answer.status_code != 200:
                raise Refusal(answer.url, answer.status_code, path, answer.content)
            return json_read(answer.content)

        return self._read(call)

    def soap(
        self, path: str, envelope: Callable[[str], bytes], fault: Callable[[bytes], Fault | None]
    ) -> bytes:
        """A read in SOAP: the answer as it came.

        `envelope` makes the request with the token inside; `fault` reads what an answer that is
        no success says, as REST would say it: a status and errors, or None for no SOAP at all.
        """

        def call(library: Library, seconds: float) -> bytes:
            answer = self.session.post(
                f"{self.origin}{path}",
                data=envelope(library.session_id),
                headers={
                    "Content-Type": "text/xml; charset=UTF-8",
                    "Accept": "text/xml",
                    "SOAPAction": '""',
                },
                timeout=seconds,
            )
            if answer.status_code != 200:
                said = fault(answer.content)
                status, content = said if said else (answer.status_code, answer.content)
                # The library's own type says bytes; what parse_errors reads may be read already.
                raise Refusal(answer.url, status, path, cast("bytes", content))
            return answer.content

        found: bytes = self._read(call)
        return found

    # --- writes -------------------------------------------------------------------------------

    def write(
        self,
        path: str,
        body: Any = None,
        *,
        method: str = "POST",
        params: dict[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """A write, sent once; again only when the token was refused: then nothing happened.

        Raises OutcomeUnknown when it may have happened, SalesforceError when it has not.
        """
        started = time.monotonic()

        def call(library: Library, seconds: float) -> Any:
            return library.restful(
                path,
                params=params,
                method=method,
                json=body,
                headers=dict(headers or {}),
                timeout=seconds,
            )

        try:
            return self._once(call, self.config.write_timeout)
        except NoSuccess as answer:
            if not answer.token_rejected:
                raise write_error(answer) from None
        self._renew()
        left = self.config.write_timeout - (time.monotonic() - started)
        if left < self.config.write_timeout / 2:
            # Whoever claimed this write counts on one time-out; a late repeat would outlive it.
            raise SalesforceError("NO_ANSWER", detail="renewing the token took too long")
        try:
            return self._once(call, left)
        except NoSuccess as answer:
            if answer.token_rejected:
                raise ConnectionLost(status=answer.status, detail="new token refused") from None
            raise write_error(answer) from None

    # --- inside -------------------------------------------------------------------------------

    def _read(self, call: Call) -> Any:
        repeats = 0
        renewed = False
        while True:
            left = self._left()
            if left <= 0:
                raise SalesforceError("NO_ANSWER", detail="the time for all calls is over")
            try:
                return self._once(call, min(self.config.read_timeout, left))
            except NoSuccess as answer:
                if answer.token_rejected and not renewed:
                    renewed = True
                elif answer.token_rejected:
                    raise ConnectionLost(status=answer.status, detail="new token refused") from None
                elif repeats < READ_REPEATS and self._worth_repeating(answer):
                    repeats += 1
                    step = BUSY_STEP if answer.is_too_many_at_once else REPEAT_STEP
                    # Spread over half to one and a half of it: not all clients at once.
                    self._sleep(step * repeats * random.uniform(0.5, 1.5))  # noqa: S311
                    continue
                else:
                    raise read_error(answer) from None
            self._renew()

    def _worth_repeating(self, answer: NoSuccess) -> bool:
        return (answer.is_transient or answer.is_too_many_at_once) and self._left() > 0

    def _left(self) -> float:
        """Seconds that all calls of this client together may still take."""
        if self._began is None:
            self._began = time.monotonic()
        return self._patience - (time.monotonic() - self._began)

    def _once(self, call: Call, seconds: float) -> Any:
        """One attempt, in its turn; `NoSuccess` for everything that is no success.

        What the library and requests raise holds the whole address, with e-mail addresses in a
        query: it is not chained.
        """
        library = self._ready()
        self._pace.call_begins(seconds=self.config.connect_timeout + seconds)
        self.session.told = None
        try:
            return call(library, seconds)
        except Refusal as refusal:
            errors = parse_errors(refusal.status, "", refusal.content)
            raise NoSuccess(refusal.status, errors, "refused") from None
        except AddressRefused:
            raise SalesforceError("ADDRESS_REFUSED") from None
        except AnswerTooLarge:
            raise NoSuccess(None, [ApiError(TOO_LARGE)], "too large") from None
        except requests.exceptions.JSONDecodeError:
            raise NoSuccess(200, [ApiError("NOT_JSON")], "the answer is no JSON") from None
        except requests.exceptions.InvalidJSONError:
            raise SalesforceError("UNSENDABLE") from None
        except requests.RequestException as problem:
            raise NoSuccess(
                None,
                [ApiError("NO_ANSWER")],
                type(problem).__name__,
                sent=not never_sent(problem),
            ) from None
        except ValueError:
            raise NoSuccess(200, [ApiError("NOT_JSON")], "the answer is no JSON") from None
        finally:
            self._pace.call_ended(self.session.told)

    def _ready(self) -> Library:
        if self._library is None:
            self._library = self._library_for(self._tokens.access_token())
        return self._library

    def _renew(self) -> None:
        rejected = self._ready().session_id
        self._library = self._library_for(self._tokens.renew(rejected))

    def _library_for(self, token: str) -> Library:
        library = Library(
            session_id=token,
            instance_url=self.origin,
            session=self.session,
            version=self.config.api_version,
        )
        del library.headers["X-PrettyPrint"]
        return library
