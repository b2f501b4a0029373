"""Structured logs: one JSON line an event, request and task ids included, no personal data."""

import re
from collections.abc import Mapping
from typing import Any

import structlog

SECRET_KEYS = {
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "code",
    "code_verifier",
    "authorization",
    "password",
    "token",
    "cookie",
}

SIGNUP_TOKEN = re.compile(r"(/signup/)[^/?\s]+")


def secrets_drop(
    _logger: Any, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Blank values whose key names a secret, whatever the caller put in (product.md, rule 8).

    Addresses keep their path only, without a sign-up link's token: a query string can carry an
    OAuth code. An HTTP status, which django-structlog also calls "code", is a number and stays.
    """
    for key, value in list(event.items()):
        if key.lower() in SECRET_KEYS and not isinstance(value, int):
            event[key] = "[removed]"
        elif isinstance(value, str):
            event[key] = SIGNUP_TOKEN.sub(r"\1[removed]", value)
        elif isinstance(value, Mapping):
            event[key] = secrets_drop(_logger, _name, dict(value))
        if key == "request" and isinstance(value, str):
            event[key] = event[key].partition("?")[0]
    return event


_shared: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
    # For Django's and Celery's own lines too, which would otherwise say only that there was a
    # traceback; before the secrets are dropped, so that they are dropped from it as well.
    structlog.processors.format_exc_info,
    secrets_drop,
]


def logging_config(*, debug: bool) -> dict[str, Any]:
    """Django's LOGGING: JSON on standard error; plain lines with DEBUG."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if debug
        else structlog.processors.JSONRenderer()
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": _shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            # Full request addresses can carry sign-up tokens and OAuth codes.
            "urllib3": {"level": "WARNING"},
        },
    }
