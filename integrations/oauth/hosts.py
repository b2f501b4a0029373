"""The hosts a sign-in may use: Salesforce's two, and the org's own My Domain.

Source: platform reference, 1.1. What people paste is read in `my_domain.py`.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from integrations.salesforce.hosts import LOOPBACK

# A sandbox's own address: of today, without partition, and with an instance as it was before.
_SANDBOX = re.compile(
    r"(?P<company>[a-z0-9]+(?:-[a-z0-9]+)*)--(?P<name>[a-z0-9]+)"
    r"(?:\.sandbox|\.cs[0-9]+)?\.my\.salesforce\.com"
)
_INSTANCE = re.compile(r"[a-z]{2,3}[0-9]+s?\.salesforce\.com|cs[0-9]+\.my\.salesforce\.com")


class SandboxName(NamedTuple):
    """What a sandbox's address says: whose it is, and which of theirs."""

    company: str
    name: str


def login_url(environment: str) -> str:
    """Where people of an environment sign in unless they name their own address."""
    return str(getattr(settings, f"SALESFORCE_{environment.upper()}_LOGIN_URL"))


def own_login_host(environment: str, host: str) -> str:
    """The org's own address that a sign-in used; "" when it was Salesforce's common one."""
    return "" if host == login_url(environment) else host


def host_of(url: str) -> str:
    """The host name in an address, lower case; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def shown_host(url: str) -> str:
    """An address as a page names it: without `https://` and what follows the host."""
    return url.partition("://")[2].partition("/")[0]


def sandbox_name(url: str) -> SandboxName | None:
    """Company and sandbox in a sandbox's address; None for any other address."""
    found = _SANDBOX.fullmatch(host_of(url))
    return SandboxName(found["company"], found["name"]) if found else None


def is_instance(url: str) -> bool:
    """Whether the address names an instance (`cs42.salesforce.com`), which many orgs share."""
    return bool(_INSTANCE.fullmatch(host_of(url)))


def token_host(*, login_host: str, instance_url: str) -> str:
    """Where tokens of a connection are refreshed and revoked: at the org's own address.

    Salesforce takes them there and at the login host (platform reference, 1.5). An org may close
    the login host at any time; its own address it never closes. Only an address with an instance
    in it may belong to others tomorrow: then, and without any, the host of the sign-in stays.
    """
    host = host_of(instance_url)
    own = host.endswith(".my.salesforce.com") or host in LOOPBACK
    return instance_url.rstrip("/") if own and not is_instance(instance_url) else login_host
