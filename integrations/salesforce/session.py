"""The only place that puts anything on the wire: one requests session with narrow habits.

Time-outs always, redirects never, no cookies, no proxies, netrc or certificates from the
environment, only hosts of the list, and for an org only its own host: whatever address a library,
a record id or an answer leads to, the token goes nowhere else. An answer is read up to a size.
"""

from __future__ import annotations

import re
import time
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from integrations.salesforce.config import ApiUsage, ClientConfig
from integrations.salesforce.hosts import host_allowed, origin_of
from integrations.salesforce.in_time import InTimeAdapter, shut_after

USER_AGENT = "UserGems-onboarding/0.1"

log = structlog.get_logger(__name__)

_PIECE = 32 * 1024
# Nine digits: what a database column holds, and more calls than any org has a day.
_USAGE = re.compile(r"(?:^|[\s;])api-usage=(\d{1,9})/([1-9]\d{0,8})(?![\d.])", re.ASCII)


class AnswerTooLarge(requests.RequestException):
    """The answer is larger than we read; it was given up."""


class AddressRefused(Exception):
    """A request would have gone somewhere it must not go; nothing was sent."""


class OrgSession(requests.Session):
    """A session for one org (`origin` given) or for the hosts of the list (sign-in).

    `calls` counts the requests sent, `usage` is the newest `Sforce-Limit-Info` seen and
    `usage_first` the first, `told` that of the newest answer (None when it said nothing).
    Raises `AddressRefused` before sending to any other place.
    """

    def __init__(
        self, config: ClientConfig, *, origin: str | None = None, org_id: str = ""
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.headers = CaseInsensitiveDict(
            {
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            }
        )
        self.config = config
        self.origin = origin
        self.org_id = org_id
        self.calls = 0
        self.usage: ApiUsage | None = None
        self.usage_first: ApiUsage | None = None
        self.told: ApiUsage | None = None
        for scheme in ("https://", "http://"):
            self.mount(scheme, InTimeAdapter())
        # One call, one answer: what an answer wants remembered is not sent back.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Never anything: requests would look at the address, and read the body unbounded."""
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send one request and read the whole answer within its time.

        `timeout` is (connect, answer) or the seconds for the answer. Counted from sending, the
        answer has to be complete by then, however slowly its parts arrive. Raises requests'
        exceptions, whatever the other side sends.
        """
        connect, answer = self._times(kwargs.pop("timeout", None))
        request.url = self._checked(str(request.url))
        kwargs.update(
            allow_redirects=False, stream=True, timeout=(connect, answer), proxies={}, verify=True
        )
        self.calls += 1
        self.told = None
        started = time.monotonic()
        status: int | str = "none"
        try:
            response = super().send(request, **kwargs)
            # Told by the head of the answer, also when its body does not come.
            self._note_usage(response)
            left = answer - (time.monotonic() - started)
            _read_within(response, max(left, 0.05), self.config.largest_answer)
            status = response.status_code
        except requests.RequestException as problem:
            status = type(problem).__name__
            raise
        except (HTTPError, HTTPException, OSError, ValueError, LookupError) as problem:
            # An answer so odd that requests has no name for it.
            status = type(problem).__name__
            raise requests.ConnectionError("The answer cannot be read.") from None
        finally:
            log.info(
                "salesforce_call",
                method=request.method,
                host=urlsplit(request.url).netloc,
                path=urlsplit(request.url).path,
                status=status,
                milliseconds=round((time.monotonic() - started) * 1000),
                org_id=self.org_id,
            )
        return response

    def _times(self, timeout: object) -> tuple[float, float]:
        if isinstance(timeout, tuple):
            return float(timeout[0]), float(timeout[1])
        if isinstance(timeout, int | float):
            return self.config.connect_timeout, float(timeout)
        return self.config.connect_timeout, self.config.read_timeout

    def _checked(self, url: str) -> str:
        """The address as it will be called, or AddressRefused.

        simple-salesforce writes https before every host; for an org on loopback http the scheme
        is put right here.
        """
        if self.origin and self.origin.startswith("http://"):
            url = re.sub(r"^https://", "http://", url)
        try:
            origin = origin_of(url)
        except ValueError as problem:
            raise AddressRefused(str(problem)) from None
        if self.origin is not None and origin != self.origin:
            raise AddressRefused("The address leads to another host than the org’s own.")
        if not host_allowed(url, self.config.allowed_suffixes):
            raise AddressRefused("The host is not one of Salesforce’s.")
        return url

    def _note_usage(self, response: requests.Response) -> None:
        found = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if found:
            self.told = self.usage = ApiUsage(used=int(found[1]), limit=int(found[2]))
            self.usage_first = self.usage_first or self.told


def org_origin(instance_url: str, config: ClientConfig) -> str:
    """The origin of an instance URL; ValueError unless it is an allowed host without a path."""
    parts = urlsplit(instance_url)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("An instance URL is a host and nothing more.")
    if not host_allowed(instance_url, config.allowed_suffixes):
        raise ValueError("The instance URL is not one of Salesforce’s hosts.")
    return origin_of(instance_url)


def _read_within(response: requests.Response, seconds: float, largest: int) -> None:
    """Read the body, or raise ReadTimeout when it is not complete after so many seconds.

    AnswerTooLarge beyond `largest` bytes, counted unpacked.
    """
    with shut_after(seconds, lambda: response.raw.shutdown()) as ended:
        try:
            body = _body_up_to(response, largest)
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError):
            response.close()
            if not ended.is_set():
                raise
    if ended.is_set():
        response.close()
        raise requests.ReadTimeout("The answer was not complete in time.")
    # What `content` would have kept, had it been allowed to read without an end.
    response._content = body
    # Salesforce sends UTF-8 and XML that says so; guessing from the body takes long.
    response.encoding = "utf-8"


def _body_up_to(response: requests.Response, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_PIECE):
        size += len(part)
        if size > largest:
            raise AnswerTooLarge(f"The answer has more than {largest} bytes.")
        parts.append(part)
    return b"".join(parts)
