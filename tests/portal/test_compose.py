"""Dockerfile and compose.yaml say what the code says: settings, commands, files.

No container is started here (docs/operating.md says what was tried by hand).
"""

import json
import re
from pathlib import Path

import pytest
import yaml
from celery.bin.celery import celery as celery_command
from django.core.management import get_commands, load_command_class
from gunicorn.config import Config

from portal.checks import settings_check
from portal.pages.health import PROBES
from tests.portal.test_settings_listed import names_listed

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ("migrate", "web", "worker", "scheduler")
# Without it the portal starts on SQLite, which several containers cannot share.
BESIDE_THE_CHECKS = {"DATABASE_URL"}
# Paths inside the image.
PLACES = {"VAR_DIR", "STATIC_ROOT"}
NAMED = re.compile(r"^([A-Z][A-Z0-9_]+) (?:is|are) (?:missing|empty|not set)")


def command_of(service):
    if "command" in COMPOSE["services"][service]:
        return COMPOSE["services"][service]["command"]
    return json.loads(re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])


@pytest.fixture
def missing(settings):
    """The names that the checks call missing where nothing is set."""
    blank = {"SECRET_KEY": "", "BROKER_URL": "", "DEFAULT_FROM_EMAIL": "", "SITE_URL": ""}
    blank |= {"TOKEN_ENCRYPTION_KEYS": [], "ALLOWED_HOSTS": []}
    for environment in ("SANDBOX", "PRODUCTION"):
        blank |= {f"SALESFORCE_{environment}_CLIENT_{part}": "" for part in ("ID", "SECRET")}
    for name, value in blank.items():
        setattr(settings, name, value)
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    found = list(settings_check(None))
    settings.SITE_URL = "https://onboarding.example.com"
    found += settings_check(None)
    return {match[1] for message in found if (match := NAMED.match(message.msg))}


@pytest.mark.parametrize("service", OURS)
def test_exactly_the_settings_without_which_nothing_starts_are_asked_for(service, missing):
    named = set(COMPOSE["services"][service]["environment"])
    assert named - PLACES == missing | BESIDE_THE_CHECKS
    assert named <= set(names_listed())


def test_no_secret_stands_in_the_files():
    text = (ROOT / "compose.yaml").read_text()
    for name, value in COMPOSE["x-portal"]["environment"].items():
        if "SECRET" in name or "KEYS" in name:
            assert value == f"${{{name}:?}}"
    assert "password=" not in text.lower()
    for line in DOCKERFILE.splitlines():
        assert not re.search(r"SECRET|TOKEN|PASSWORD|ARG ", line), line


def test_the_site_is_started_with_options_that_gunicorn_knows():
    command = command_of("web")
    assert command[:2] == ["gunicorn", "portal.wsgi:application"]
    parser = Config().parser()
    arguments = parser.parse_args(command[1:])
    assert arguments.args == ["portal.wsgi:application"]
    assert arguments.accesslog is None


@pytest.mark.parametrize("service", ["worker", "scheduler"])
def test_worker_and_scheduler_are_started_with_options_that_celery_knows(service):
    command = command_of(service)
    assert command[:3] == ["celery", "-A", "portal"]
    part = celery_command.commands[command[3]]
    context = part.make_context(command[3], list(command[4:]), parent=None, resilient_parsing=True)
    assert context.command.name == command[3]
    assert not context.args


def test_the_database_is_brought_up_to_date_by_a_command_that_exists():
    python, manage, name, *options = command_of("migrate")
    assert (python, manage) == ("python", "manage.py")
    command = load_command_class(get_commands()[name], name)
    assert command.create_parser("manage.py", name).parse_args(options).interactive is False


def test_all_wait_for_the_database_to_be_up_to_date():
    for service in ("web", "worker", "scheduler"):
        waits_for = COMPOSE["services"][service]["depends_on"]
        assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
        assert waits_for["broker"] == {"condition": "service_healthy"}


def test_the_images_health_is_asked_at_an_address_that_answers():
    asked = re.findall(r"http://127\.0\.0\.1:8000(/[\w/]+)", DOCKERFILE)
    assert asked == ["/health/live"]
    assert set(asked) <= set(PROBES)


def test_the_image_runs_as_nobody_special_and_holds_all_apps():
    assert re.search(r"^USER portal$", DOCKERFILE, re.MULTILINE)
    copied = set(re.findall(r"^COPY (\w+) \w+$", DOCKERFILE, re.MULTILINE))
    assert copied == {"accounts", "integrations", "jobchanges", "portal", "static", "templates"}


def test_only_what_the_image_needs_goes_to_the_builder():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    assert all((ROOT / name).exists() for name in allowed)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == allowed
    assert "**/.env*" in rules
