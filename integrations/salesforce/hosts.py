"""Which addresses may be spoken to at all (platform reference, 1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Production, and a sandbox in the form of today or with its instance.
_MY_DOMAIN = re.compile(
    r"(?P<company>[a-z0-9]+(?:-[a-z0-9]+)*)"
    r"(?:--[a-z0-9]+\.(?:sandbox|cs[0-9]+))?\.my\.salesforce\.com"
)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|::1")


def origin_of(url: str) -> str:
    """`scheme://host[:port]` of an address, lower case and without a default port.

    Raises ValueError for an address with a user name, a backslash, blanks, an odd host or port.
    """
    if re.search(r"[\s\\]", url) or not url.isprintable():
        raise ValueError("The address contains characters that no address has.")
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc or not _HOST.fullmatch(host) or ".." in host:
        raise ValueError("The address names no host, or more than a host.")
    scheme = parts.scheme.lower()
    port = parts.port
    shown = f"[{host}]" if ":" in host else host
    if port is None or (scheme, port) in {("https", 443), ("http", 80)}:
        return f"{scheme}://{shown}"
    return f"{scheme}://{shown}:{port}"


def company_domain(url: str) -> str:
    """The company's own label of a My Domain address: what a production org and its sandboxes
    share; "" for any other address (platform reference, 1.1 and 4.2)."""
    host = (urlsplit(url).hostname or "").lower()
    found = _MY_DOMAIN.fullmatch(host)
    return found["company"] if found else ""


def host_allowed(url: str, suffixes: Iterable[str]) -> bool:
    """Whether something may be sent to this address.

    https on its own port and a host of the list; for a loopback host of the list also http and
    any port. A suffix with a leading dot covers the hosts below it, any other is one host.
    """
    try:
        origin = urlsplit(origin_of(url))
    except ValueError:
        return False
    host = origin.hostname or ""
    listed = any(
        host.endswith(suffix.lower()) if suffix.startswith(".") else host == suffix.lower()
        for suffix in suffixes
        if suffix
    )
    if host in LOOPBACK:
        return listed and origin.scheme in {"http", "https"}
    return listed and origin.scheme == "https" and origin.port is None
