"""Structured logs: one JSON line an event, request and task ids included, no personal data.

Two nets: values whose key names a secret are blanked, and every text that is left is searched for
what must not be in a log (`portal/settings/masking.py`), tracebacks included.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog

from portal.settings.masking import text_mask

SECRET_KEYS = {
    "access_token",
    "refresh_token",
    "id_token",
    "sealed_token",
    "client_secret",
    "code",
    "code_verifier",
    "authorization",
    "password",
    "token",
    "cookie",
    "email",
    "full_name",
    "person_name",
}
REMOVED = "[removed]"
# An error code of Salesforce, such as REQUEST_LIMIT_EXCEEDED: no code that opens anything.
ERROR_CODE = re.compile(r"[A-Z]+(?:_[A-Z]+)+")


def secrets_drop(
    _logger: Any, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Blank what names a secret and mask the rest, whatever the caller put in (rule 8).

    Addresses keep their path only, without a sign-up link's token: a query string can carry an
    OAuth code. An HTTP status, which django-structlog also calls "code", is a number and stays.
    """
    for key, value in list(event.items()):
        if key.startswith("_"):
            continue  # structlog's own, which never reach the line
        event[key] = _clean(key, value)
        if key == "request" and isinstance(value, str):
            event[key] = event[key].partition("?")[0]
    return event


def _clean(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if key.lower() in SECRET_KEYS:
        is_harmless = value == "" or ERROR_CODE.fullmatch(str(value))
        return str(value) if is_harmless else REMOVED
    if isinstance(value, str):
        return text_mask(value)
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(key, item) for item in value]
    # Exceptions, model rows and the like would be written as their text by the renderer.
    return text_mask(str(value))


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
            # Full addresses hold what a query asks for: people. A warning about a head has one.
            "urllib3": {"level": "ERROR"},
        },
    }
