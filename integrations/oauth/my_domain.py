"""Maps what a person pastes as "My Domain" to the org's sign-in address, or says what is wrong.

Source: platform reference, 1.1. Whatever the text: an address that comes out is `https` at
`*.my.salesforce.com`, in the form of the environment; or a loopback address that the settings
list, for the demo.
"""

import re

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Environment
from integrations.salesforce.hosts import LOOPBACK, host_allowed

LONGEST = 2_000
# What people copy: scheme with its usual slips, the host, and whatever follows.
_SCHEME = re.compile(r"h?t?tps?\s*(?::\s*/{0,3}|/{1,3})|//", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?![0-9])", re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_ORG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SANDBOX = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*--[a-z0-9]+")
# The ends of an org's other addresses, longest first: Lightning, Setup, files; Visualforce has
# one more part in its first label, for whose page it is.
_SUFFIXES = (
    ".my.salesforce-setup.com",
    ".my.salesforce.com",
    ".lightning.force.com",
    ".file.force.com",
)
_VISUALFORCE = ".vf.force.com"
_SITES = (".site.com", ".salesforce-sites.com", ".salesforce-experience.com", ".force.com")
_INSTANCE = re.compile(
    r"[a-z]{2,3}\d+s?\.salesforce\.com"
    r"|(?:cs|na|eu|ap|um)\d+\.(?:my\.salesforce|lightning\.force|visual\.force)\.com"
)
_WITH_INSTANCE = re.compile(
    r"(?P<label>[a-z0-9-]+)\.(?:cs|na|eu|ap|um)\d+\.(?:my\.salesforce|visual\.force)\.com"
)
_TEMPORARY = {"develop", "scratch", "trailblaze", "demo", "free", "patch", "pc", "stm"}

WHERE = _("In Setup of the org, open My Domain and copy “Current My Domain URL”.")
LOGIN_HOST = _(
    "This is where everybody signs in: for it, use the button “Sign up with Salesforce”. Only an "
    "org that lets people in nowhere else needs this field."
)
NOT_AN_ADDRESS = _("This is not an address.")
EMAIL = _("This is a username or an e-mail address, not the address of an org.")
PORT = _("An org’s address has no port number in it.")
SITE = _("This is the address of a site for visitors, not the one where an org’s users sign in.")
INSTANCE = _("This names a Salesforce server, which many orgs share, not your org.")
OLD = _("This is an older form of the address, with a Salesforce server in it.")
TEMPORARY = _("This is a Developer Edition, trial or scratch org, which cannot be connected.")
SANDBOX_HERE = _("This is a sandbox’s address, and you are connecting production.")
PRODUCTION_HERE = _("This is a production org’s address, and you are connecting a sandbox.")
ELSEWHERE = _(
    "We sign in at Salesforce’s own addresses only: a sandbox’s ends in "
    "“.sandbox.my.salesforce.com”, a production org’s in “.my.salesforce.com”."
)


class MyDomainRefused(Exception):
    """The text leads to no sign-in address. `sentence` says why, `hint` where to find the right
    one (or nothing)."""

    def __init__(self, sentence: str | Promise, hint: str | Promise = WHERE) -> None:
        self.sentence = sentence
        self.hint = hint
        super().__init__(str(sentence))


def my_domain_clean(environment: str, text: str) -> str:
    """The sign-in address, `https://` and a host, in what a person typed or pasted.

    Takes addresses of Lightning, Setup and Visualforce with whatever follows the host. Raises
    MyDomainRefused.
    """
    host, port = _host_of(text)
    if host in LOOPBACK:
        return _loopback(host, port)
    if port not in {"", "443"}:
        raise MyDomainRefused(PORT)
    if not _HOST.fullmatch(host) or any(label.startswith("xn--") for label in host.split(".")):
        raise MyDomainRefused(NOT_AN_ADDRESS if "." not in host else ELSEWHERE)
    _known_mistakes(host)
    address = f"https://{_own_host(environment, host)}"
    if not host_allowed(address, settings.SALESFORCE_ALLOWED_HOST_SUFFIXES):
        raise MyDomainRefused(ELSEWHERE)
    return address


def _host_of(text: str) -> tuple[str, str]:
    """Host and port as typed, lower case and nothing else checked."""
    text = text.strip().strip("\"'<>“”‘’").strip()
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable():
        raise MyDomainRefused(NOT_AN_ADDRESS)
    if "\\" in text:
        raise MyDomainRefused(NOT_AN_ADDRESS)
    rest = _SCHEME.sub("", text, count=1) if _SCHEME.match(text) else text
    if rest is text and _OTHER_SCHEME.match(text):
        raise MyDomainRefused(NOT_AN_ADDRESS)
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].strip()
    if "@" in authority:
        raise MyDomainRefused(EMAIL)
    host, _colon, port = authority.partition(":")
    return host.lower().removesuffix("."), port


def _loopback(host: str, port: str) -> str:
    address = f"http://{host}:{port}" if port else f"http://{host}"
    if port and not (port.isdecimal() and 0 < int(port) < 65_536):
        raise MyDomainRefused(NOT_AN_ADDRESS)
    if not host_allowed(address, settings.SALESFORCE_ALLOWED_HOST_SUFFIXES):
        raise MyDomainRefused(ELSEWHERE)
    return address


def _known_mistakes(host: str) -> None:
    if host in {"login.salesforce.com", "test.salesforce.com"}:
        raise MyDomainRefused(LOGIN_HOST, "")
    if _INSTANCE.fullmatch(host):
        raise MyDomainRefused(INSTANCE)
    if found := _WITH_INSTANCE.fullmatch(host):
        today = _today(found["label"])
        raise MyDomainRefused(
            OLD,
            _("Today it is probably %(address)s. In Setup, My Domain shows it.")
            % {"address": today}
            if today
            else WHERE,
        )


def _today(label: str) -> str:
    """What an address with an instance in it is called now, as far as its label tells."""
    if _SANDBOX.fullmatch(label):
        return f"{label}.sandbox.my.salesforce.com"
    return f"{label}.my.salesforce.com" if _ORG.fullmatch(label) else ""


def _own_host(environment: str, host: str) -> str:
    """The My Domain host that belongs to a host of the org."""
    label, _dot, partition = _split(host).partition(".")
    if partition in _TEMPORARY or (not partition and label.endswith("-dev-ed")):
        raise MyDomainRefused(TEMPORARY)
    if partition not in {"", "sandbox"} or not label:
        raise MyDomainRefused(ELSEWHERE)
    is_sandbox = bool(partition) or "--" in label
    if is_sandbox and environment == Environment.PRODUCTION:
        raise MyDomainRefused(SANDBOX_HERE)
    if not is_sandbox and environment == Environment.SANDBOX:
        raise MyDomainRefused(PRODUCTION_HERE)
    if not (_SANDBOX if is_sandbox else _ORG).fullmatch(label):
        raise MyDomainRefused(ELSEWHERE)
    return f"{label}.sandbox.my.salesforce.com" if is_sandbox else f"{label}.my.salesforce.com"


def _split(host: str) -> str:
    """What stands before the suffix of one of an org's addresses. Raises for other hosts."""
    for suffix in _SUFFIXES:
        if host.endswith(suffix):
            return host.removesuffix(suffix)
    if host.endswith(_VISUALFORCE):
        label, dot, partition = host.removesuffix(_VISUALFORCE).partition(".")
        return f"{label.rpartition('--')[0]}{dot}{partition}"
    if any(host.endswith(suffix) for suffix in _SITES):
        raise MyDomainRefused(SITE)
    raise MyDomainRefused(ELSEWHERE)
