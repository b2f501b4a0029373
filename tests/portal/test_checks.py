"""What is missing or wrong in the settings stops the start, in a sentence with a hint."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.checks import settings_check

ROOT = Path(__file__).resolve().parents[2]


def ids():
    return [message.id for message in settings_check(None)]


def test_the_settings_of_the_tests_are_right():
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("SECRET_KEY", "", 1),
        ("SECRET_KEY", "short", 2),
        ("TOKEN_ENCRYPTION_KEYS", [], 3),
        ("TOKEN_ENCRYPTION_KEYS", ["not a key"], 4),
        ("SITE_URL", "", 5),
        ("SITE_URL", "onboarding.example.com", 5),
        ("SITE_URL", "ftp://onboarding.example.com", 5),
        ("ALLOWED_HOSTS", [], 6),
        ("SALESFORCE_SANDBOX_CLIENT_ID", "", 7),
        ("SALESFORCE_SANDBOX_CLIENT_SECRET", "", 7),
        ("SALESFORCE_PRODUCTION_CLIENT_ID", "", 7),
        ("SALESFORCE_PRODUCTION_CLIENT_SECRET", "", 7),
        ("SALESFORCE_SANDBOX_LOGIN_URL", "https://salesforce.com.evil.example", 8),
        ("SALESFORCE_PRODUCTION_LOGIN_URL", "https://evilsalesforce.com", 8),
        ("SALESFORCE_PRODUCTION_LOGIN_URL", "http://login.salesforce.com", 8),
        ("SALESFORCE_PRODUCTION_LOGIN_URL", "https://login.salesforce.com@evil.example", 8),
        ("SALESFORCE_PRODUCTION_LOGIN_URL", "https://login.salesforce.com:8443", 8),
        ("SITE_URL", "https://onboarding.example.com", 9),
        ("BROKER_URL", "", 10),
        ("DEFAULT_FROM_EMAIL", "", 11),
        ("REFRESH_LEASE_SECONDS", 20, 12),
        ("DELIVERY_CLAIM_SECONDS", 120, 13),
        ("ORG_CALL_WAIT_SECONDS", 60, 13),
        ("ORG_CALL_WAIT_SECONDS", 57, 13),
        ("CHECK_LEASE_SECONDS", 60, 27),
        ("CHECK_FRESH_HOURS", 0, 27),
        ("SALESFORCE_READ_TIMEOUT", 0, 26),
        ("SALESFORCE_READ_TIMEOUT", float("nan"), 26),
        ("SALESFORCE_WRITE_TIMEOUT", float("inf"), 26),
        ("ORG_CALLS_AT_ONCE", 0, 22),
        ("ORG_CALLS_AT_ONCE", 26, 22),
        ("ORG_CALL_WAIT_SECONDS", -1, 23),
        ("ORG_CALL_WAIT_SECONDS", float("nan"), 23),
        ("API_USAGE_FRESH_SECONDS", -1, 23),
        ("API_RESERVE_SHARE", 0, 24),
        ("API_RESERVE_SHARE", 80, 24),
        ("TOKEN_KEEP_ALIVE_DAYS", 0, 25),
        ("TOKEN_KEEP_ALIVE_DAYS", 23, 25),
        ("TOKEN_IDLE_WARNING_DAYS", 30, 25),
        ("SALESFORCE_API_VERSION", "v66", 14),
        ("HEARTBEAT_SECONDS_LATE", 59, 19),
        ("RETENTION_LINK_DAYS", 0, 20),
        ("RETENTION_IMPORT_DAYS", 0, 20),
        ("RETENTION_ATTEMPT_DAYS", 0, 20),
        ("RETENTION_BEFORE_IMAGE_DAYS", -1, 20),
        ("RETENTION_WARNING_DAYS", 0, 20),
        ("RETENTION_UNFINISHED_DAYS", 30, 21),
        ("RETENTION_MAIL_DAYS", 0, 20),
        ("INTAKE_API_KEYS", ["engine"], 28),
        ("OUTGOING_ADDRESSES", ["192.0.2.0/28", "egress.example"], 29),
    ],
)
def test_each_wrong_setting_has_an_id_and_a_hint(settings, name, value, number):
    if number != 9:
        settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [".salesforce.com", ".force.com"]
    setattr(settings, name, value)
    messages = [each for each in settings_check(None) if each.id.startswith("portal.E")]
    assert [message.id for message in messages] == [f"portal.E{number:03}"]
    assert messages[0].hint


def test_this_machine_as_salesforce_is_fine_in_the_demo(settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    settings.DEMO = True
    assert ids() == []


@pytest.fixture
def public_site(settings):
    """A site that others reach, rightly set up but for what a test breaks."""
    settings.SITE_URL = "https://onboarding.example.com"
    settings.ALLOWED_HOSTS = ["onboarding.example.com"]
    settings.SALESFORCE_ALLOWED_HOST_SUFFIXES = [".salesforce.com", ".force.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    return settings


def test_a_public_site_that_is_set_up_rightly_starts(public_site):
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DEMO", True, "portal.E015"),
        ("DEBUG", True, "portal.E015"),
        ("SITE_URL", "http://onboarding.example.com", "portal.E016"),
        ("ALLOWED_HOSTS", ["*"], "portal.E017"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "portal.E018"),
        (
            "CACHES",
            {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
            "portal.W001",
        ),
    ],
)
def test_what_is_a_hole_on_a_public_site_is_named(public_site, name, value, found):
    setattr(public_site, name, value)
    messages = settings_check(None)
    assert [message.id for message in messages] == [found]
    assert messages[0].hint


def test_every_wrong_token_key_is_named(settings):
    settings.TOKEN_ENCRYPTION_KEYS = [*settings.TOKEN_ENCRYPTION_KEYS, "x"]
    assert "key 2 is not" in settings_check(None)[0].msg


@pytest.mark.servers  # starts a process of its own
def test_without_any_setting_manage_py_check_says_what_is_missing(tmp_path):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=kept | {"VAR_DIR": str(tmp_path), "ENV_FILE": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    assert "SECRET_KEY is missing." in result.stderr
    assert "TOKEN_ENCRYPTION_KEYS is missing" in result.stderr
    assert "Traceback" not in result.stderr
