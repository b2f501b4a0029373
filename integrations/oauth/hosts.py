"""The hosts a sign-in may use: Salesforce's two, and a customer's own My Domain.

Source: platform reference, 1.1.
"""

import re
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Environment

# As long as a name in DNS may be, so that the address fits its column.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_MY_DOMAIN = {
    Environment.SANDBOX: re.compile(rf"{_LABEL}\.sandbox\.my\.salesforce\.com"),
    Environment.PRODUCTION: re.compile(rf"{_LABEL}\.my\.salesforce\.com"),
}


def login_url(environment: str) -> str:
    """Where people of an environment sign in unless they name their own address."""
    return str(getattr(settings, f"SALESFORCE_{environment.upper()}_LOGIN_URL"))


def my_domain_clean(environment: str, text: str) -> str | None:
    """The sign-in address in what a person typed or pasted; None when it is no My Domain address.

    Takes a host or a whole address, also one copied from the address bar of Lightning, which is
    never a sign-in host itself (reference, 1.1). Sandboxes need a sandbox address.
    """
    text = text.strip().lower()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or parts.username or parts.password or port not in {None, 443}:
        return None
    host = host.removesuffix(".").replace(".lightning.force.com", ".my.salesforce.com")
    pattern = _MY_DOMAIN.get(Environment(environment))
    return f"https://{host}" if pattern and pattern.fullmatch(host) else None
