"""System checks of the settings: a missing key meets the deployer, not a customer.

`manage.py check` and the start of the site (`portal/wsgi.py`) run them. Each has an id and a hint.
"""

import ipaddress
import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from integrations.salesforce.hosts import host_allowed
from jobchanges.intake.keys import clients_read

LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}
SECRET_LENGTH = 50
# Calls of over 20 seconds that a production org takes at a time (platform reference, 2.8).
MOST_LONG_CALLS = 25
UNSENT = {f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy")}
UNSHARED = {
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
}

Check = Callable[[], Iterator[checks.CheckMessage]]


def _error(number: int, message: str, hint: str) -> checks.Error:
    return checks.Error(message, hint=hint, id=f"portal.E{number:03}")


def secret_key() -> Iterator[checks.CheckMessage]:
    """A key is there and long enough to sign with."""
    hint = (
        "Make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'` "
        "and put it into the environment."
    )
    try:
        key = str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        key = ""
    if not key:
        yield _error(1, "SECRET_KEY is missing.", hint)
    elif len(key) < SECRET_LENGTH:
        yield _error(2, f"SECRET_KEY is shorter than {SECRET_LENGTH} characters.", hint)


def token_keys() -> Iterator[checks.CheckMessage]:
    """Every token key is a Fernet key; the first encrypts, all decrypt."""
    hint = (
        "Make one with `python -c 'from cryptography.fernet import Fernet; "
        "print(Fernet.generate_key().decode())'`. Separate several by commas, the newest first."
    )
    if not settings.TOKEN_ENCRYPTION_KEYS:
        yield _error(3, "TOKEN_ENCRYPTION_KEYS is missing: tokens cannot be stored.", hint)
    for number, key in enumerate(settings.TOKEN_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except (ValueError, TypeError):
            yield _error(4, f"TOKEN_ENCRYPTION_KEYS: key {number} is not a Fernet key.", hint)


def addresses() -> Iterator[checks.CheckMessage]:
    """The site knows its own address, and which host names it answers to."""
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield _error(
            5,
            "SITE_URL is missing or not a web address.",
            "Set it to the address people open, for example https://onboarding.example.com.",
        )
    if not settings.ALLOWED_HOSTS:
        yield _error(
            6,
            "ALLOWED_HOSTS is empty: the site would answer to nobody.",
            "Set it to the host name of SITE_URL; several are separated by commas.",
        )


def clients() -> Iterator[checks.CheckMessage]:
    """Each environment has its own OAuth client (identity-and-state)."""
    for environment in ("SANDBOX", "PRODUCTION"):
        for part in ("CLIENT_ID", "CLIENT_SECRET"):
            name = f"SALESFORCE_{environment}_{part}"
            if not getattr(settings, name):
                yield _error(
                    7,
                    f"{name} is missing: nobody could connect a {environment.lower()} org.",
                    "It stands in the settings of the connected app, under consumer details.",
                )


def hosts() -> Iterator[checks.CheckMessage]:
    """The login hosts are Salesforce's own; loopback only where no real org is met."""
    suffixes = list(settings.SALESFORCE_ALLOWED_HOST_SUFFIXES)
    for environment in ("SANDBOX", "PRODUCTION"):
        name = f"SALESFORCE_{environment}_LOGIN_URL"
        if not host_allowed(getattr(settings, name), suffixes):
            yield _error(
                8,
                f"{name} is no https address of a host that SALESFORCE_ALLOWED_HOST_SUFFIXES "
                "names.",
                "Tokens are sent there: correct the address, or name its suffix knowingly.",
            )
    if LOOPBACK & {suffix.lstrip(".") for suffix in suffixes} and not _practice():
        yield _error(
            9,
            "SALESFORCE_ALLOWED_HOST_SUFFIXES names this machine itself outside the demo.",
            "Remove it: customers' tokens go to Salesforce's hosts only.",
        )


def _practice() -> bool:
    """The demo, a developer's machine, or the tests: the site itself stands on this machine."""
    site = urlsplit(settings.SITE_URL).hostname or ""
    return settings.DEMO or settings.DEBUG or site in LOOPBACK | {"testserver"}


def reachable() -> Iterator[checks.CheckMessage]:
    """What is fine on one machine and a hole on a site that others reach."""
    parts = urlsplit(settings.SITE_URL)
    if not parts.hostname or parts.hostname in LOOPBACK | {"testserver"}:
        return
    if settings.DEMO or settings.DEBUG:
        yield _error(
            15,
            "DEMO or DEBUG is on, and SITE_URL is not this machine.",
            "The demo shows everybody the mails with sign-in codes, debugging shows settings: "
            "switch both off.",
        )
        return
    if parts.scheme == "http":
        yield _error(
            16,
            "SITE_URL is http: sessions and OAuth codes would travel unencrypted.",
            "Put TLS in front of the site and set SITE_URL to its https address.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield _error(
            17,
            "ALLOWED_HOSTS is “*”: a forged Host header would decide where pages lead.",
            "Name the host of SITE_URL.",
        )
    if settings.EMAIL_BACKEND in UNSENT:
        yield _error(
            18,
            "EMAIL_URL is missing or sends nothing: codes and sign-up links would be printed "
            "into the log or lost.",
            "Set it to the mail server, for example smtp+tls://user:password@host:587.",
        )
    if settings.CACHES["default"]["BACKEND"] in UNSHARED:
        yield checks.Warning(
            "CACHE_URL is not set to a shared cache: each process counts tries by itself.",
            hint="Set it to a Redis address, for example rediscache://127.0.0.1:6379/1.",
            id="portal.W001",
        )


def services() -> Iterator[checks.CheckMessage]:
    """Work is handed to a broker; mail says from whom it comes."""
    if not settings.BROKER_URL:
        yield _error(
            10,
            "BROKER_URL is missing: nothing would be sent to Salesforce.",
            "Set it to a Redis or RabbitMQ address, for example redis://127.0.0.1:6379/0.",
        )
    if not settings.DEFAULT_FROM_EMAIL:
        yield _error(
            11,
            "DEFAULT_FROM_EMAIL is missing: sign-in codes and links could not be mailed.",
            "Set it to the address people may answer to.",
        )


def timings() -> Iterator[checks.CheckMessage]:
    """A lease or claim outlasts the call it covers, or two workers do the same work."""
    for name in ("CONNECT", "READ", "WRITE"):
        # "nan" and "inf" are numbers, too, and compare as if all were well.
        if not 0 < getattr(settings, f"SALESFORCE_{name}_TIMEOUT") < math.inf:
            yield _error(
                26,
                f"SALESFORCE_{name}_TIMEOUT is no time that a call can take.",
                "Write seconds: 3.05, 20 and 120 by default.",
            )
            return
    longest_read = settings.SALESFORCE_CONNECT_TIMEOUT + settings.SALESFORCE_READ_TIMEOUT
    if longest_read >= settings.REFRESH_LEASE_SECONDS:
        yield _error(
            12,
            "REFRESH_LEASE_SECONDS is not longer than the refresh call may take.",
            "Raise it above SALESFORCE_CONNECT_TIMEOUT + SALESFORCE_READ_TIMEOUT: a refresh token "
            "used twice counts as stolen.",
        )
    # A question is tried three times.
    longest_question = 3 * longest_read + settings.ORG_CALL_WAIT_SECONDS
    if longest_question >= settings.CHECK_LEASE_SECONDS or settings.CHECK_FRESH_HOURS < 1:
        yield _error(
            27,
            "CHECK_LEASE_SECONDS is not longer than a question to an org may take with its "
            "repeats, or CHECK_FRESH_HOURS is less than an hour.",
            "Write 180 seconds and 24 hours, as by default.",
        )
    longest_write = (
        settings.SALESFORCE_CONNECT_TIMEOUT
        + settings.SALESFORCE_WRITE_TIMEOUT
        + settings.ORG_CALL_WAIT_SECONDS
    )
    if longest_write >= settings.DELIVERY_CLAIM_SECONDS:
        yield _error(
            13,
            "DELIVERY_CLAIM_SECONDS is not longer than SALESFORCE_CONNECT_TIMEOUT, "
            "SALESFORCE_WRITE_TIMEOUT and ORG_CALL_WAIT_SECONDS together.",
            "Raise it: a claim has to outlast the write it covers, and the wait for its turn.",
        )


def pace() -> Iterator[checks.CheckMessage]:
    """An org gets some of our calls, not all that it can bear, and keeps some for others."""
    if not 1 <= settings.ORG_CALLS_AT_ONCE <= MOST_LONG_CALLS:
        yield _error(
            22,
            f"ORG_CALLS_AT_ONCE is not between 1 and {MOST_LONG_CALLS}.",
            "Salesforce refuses more long calls at a time than that, everybody's together: 5 is "
            "right for most orgs.",
        )
    if not settings.ORG_CALL_WAIT_SECONDS >= 0 or settings.API_USAGE_FRESH_SECONDS < 0:
        yield _error(
            23,
            "ORG_CALL_WAIT_SECONDS or API_USAGE_FRESH_SECONDS is less than nothing.",
            "Write seconds: 10 and 600 by default.",
        )
    if not 0 < settings.API_RESERVE_SHARE <= 1:
        yield _error(
            24,
            "API_RESERVE_SHARE is not a share of the org's day.",
            "Write a number above 0 and up to 1: at 0.8 bulk work leaves a fifth to others.",
        )


def keep_alive() -> Iterator[checks.CheckMessage]:
    """A resting token is used before people are warned, and they are warned before it ends."""
    days = (
        settings.TOKEN_KEEP_ALIVE_DAYS,
        settings.TOKEN_IDLE_WARNING_DAYS,
        settings.TOKEN_IDLE_DAYS,
    )
    if not 1 <= days[0] < days[1] < days[2]:
        yield _error(
            25,
            "TOKEN_KEEP_ALIVE_DAYS, TOKEN_IDLE_WARNING_DAYS and TOKEN_IDLE_DAYS are out of order.",
            "Each has to be longer than the one before: 7, 23 and 30 by default.",
        )


def signs_of_life() -> Iterator[checks.CheckMessage]:
    """A worker is not called late between two of its signs of life."""
    least = 2 * settings.HEARTBEAT_EVERY_SECONDS
    if least > settings.HEARTBEAT_SECONDS_LATE:
        yield _error(
            19,
            "HEARTBEAT_SECONDS_LATE is shorter than two signs of life of a worker.",
            f"Allow at least {least:.0f} seconds.",
        )


def retention() -> Iterator[checks.CheckMessage]:
    """Nothing is removed on the day it comes, and nobody's data without a warning."""
    for name in ("LINK", "IMPORT", "ATTEMPT", "BEFORE_IMAGE", "UNFINISHED", "WARNING", "MAIL"):
        if getattr(settings, f"RETENTION_{name}_DAYS") < 1:
            yield _error(
                20,
                f"RETENTION_{name}_DAYS is less than a day.",
                "Write how many days it is kept, for example 30.",
            )
    if settings.RETENTION_WARNING_DAYS >= settings.RETENTION_UNFINISHED_DAYS:
        yield _error(
            21,
            "RETENTION_WARNING_DAYS is not shorter than RETENTION_UNFINISHED_DAYS.",
            "The warning has to come before the data go: 30 and 365 by default.",
        )


def intake_keys() -> Iterator[checks.CheckMessage]:
    """Every entry names a client and the hash of its key."""
    try:
        clients_read(settings.INTAKE_API_KEYS)
    except ValueError as error:
        yield _error(
            28,
            f"INTAKE_API_KEYS: {error}.",
            "`manage.py intake_key --client NAME` makes a key and the entry for it.",
        )


def outgoing_addresses() -> Iterator[checks.CheckMessage]:
    """Administrators copy them from the security page into their login IP ranges."""
    for address in settings.OUTGOING_ADDRESSES:
        try:
            ipaddress.ip_network(address.strip(), strict=False)
        except ValueError:
            yield _error(
                29,
                f"OUTGOING_ADDRESSES: {address!r} is no address.",
                "Write addresses or networks, for example 192.0.2.7 or 192.0.2.0/28.",
            )


def api_version() -> Iterator[checks.CheckMessage]:
    """Salesforce writes versions with one decimal."""
    if not re.fullmatch(r"\d{2,3}\.0", settings.SALESFORCE_API_VERSION):
        yield _error(
            14,
            f"SALESFORCE_API_VERSION is {settings.SALESFORCE_API_VERSION!r}.",
            "Write it as Salesforce does, for example 66.0.",
        )


ALL: tuple[Check, ...] = (
    secret_key,
    token_keys,
    addresses,
    clients,
    hosts,
    reachable,
    services,
    timings,
    pace,
    keep_alive,
    signs_of_life,
    retention,
    intake_keys,
    outgoing_addresses,
    api_version,
)


@checks.register
def settings_check(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Run every check of the settings."""
    return [message for check in ALL for message in check()]
