"""Everything the product leaves behind while a test walks through it, as texts to search."""

import logging
import pickle
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django.views.debug import get_exception_reporter_class
from pypdf import PdfReader

Texts = Iterator[tuple[str, str]]


def database_rows() -> Texts:
    """Every row of every table, as it lies there."""
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            for row in cursor.fetchall():
                yield f"table {table}", " ".join(_text(value) for value in row)
    for session in Session.objects.all():
        yield "session", repr(session.get_decoded())


def database_file() -> Texts:
    """What lies in the database's files, deleted rows too; nothing where a server keeps them."""
    if database.vendor != "sqlite":
        return
    name = str(database.settings_dict["NAME"])
    for path in (Path(name), Path(f"{name}-wal"), Path(f"{name}-journal")):
        if path.exists():
            yield f"file {path.suffix or path.name}", path.read_bytes().decode("latin-1")


def mails() -> Texts:
    """All parts of all mails."""
    for message in mail.outbox:
        parts = [message.subject, message.body, *map(str, message.extra_headers.items())]
        parts += [str(each[0]) for each in getattr(message, "alternatives", [])]
        parts += [_text(each[1]) for each in message.attachments if isinstance(each, tuple)]
        yield f"mail to {message.to}", "\n".join(str(part) for part in parts)


def cached() -> Texts:
    """What the tests' cache holds (in memory, pickled)."""
    for key, value in cache._cache.items():
        yield f"cache {key}", f"{key} {pickle.loads(value)!r} {value.decode('latin-1')}"


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


class Watch:
    """What passed by since the watch began: logs, pages, tasks, reports of errors."""

    def __init__(self) -> None:
        self.logs: list[tuple[str, str]] = []
        self.pages: list[tuple[str, str]] = []
        self.tasks: list[str] = []
        self.reports: list[str] = []

    def at_rest(self) -> Texts:
        """What is kept at this moment."""
        yield from database_rows()
        yield from cached()

    def everything(self) -> Texts:
        """What is kept, and all that passed by until now."""
        yield from self.at_rest()
        yield from database_file()
        yield from mails()
        yield from self.pages
        yield from ((f"log, {how}", text) for how, text in self.logs)
        yield from (("task", text) for text in self.tasks)
        yield from (("report of an error", text) for text in self.reports)

    def page_note(self, path: str, answer: Any) -> None:
        """An answer of the site: body, headers and cookies; a PDF's text, too."""
        raw = getattr(answer, "content", b"")
        if answer.streaming:
            # The test reads it as well.
            raw = b"".join(answer.streaming_content)
            answer.streaming_content = [raw]
        if answer.headers.get("Content-Type", "").startswith("application/pdf"):
            raw += "".join(page.extract_text() for page in PdfReader(BytesIO(raw)).pages).encode()
        text = f"{raw.decode('latin-1')} {dict(answer.headers)} {answer.cookies}"
        self.pages.append((f"page {path} ({answer.status_code})", text))

    def report_note(self, request: Any = None, **_: Any) -> None:
        """What an error report of this moment would hold: mailed, and on the technical page."""
        kind, value, traceback = sys.exc_info()
        reporter = get_exception_reporter_class(request)(request, kind, value, traceback)
        self.reports += [reporter.get_traceback_text(), reporter.get_traceback_html()]

    def task_note(self, task: Any = None, args: Any = (), kwargs: Any = None, **more: Any) -> None:
        """The message of a task, and what it gave back."""
        self.tasks.append(f"{task.name} {args!r} {kwargs!r} {more.get('retval')!r}")


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch until the end of the block; every logger says everything meanwhile."""
    watch = Watch()
    with ExitStack() as stack:
        watch.logs = stack.enter_context(all_logs())
        stack.enter_context(_all_pages(watch))
        for signal, note in (
            (task_prerun, watch.task_note),
            (task_postrun, watch.task_note),
            (got_request_exception, watch.report_note),
        ):
            signal.connect(note, weak=False)
            stack.callback(signal.disconnect, note)
        yield watch


@contextmanager
def _all_pages(watch: Watch) -> Iterator[None]:
    ask = Client.request

    def asked(client: Client, **request: Any) -> HttpResponse:
        answer = ask(client, **request)
        watch.page_note(request.get("PATH_INFO", "/"), answer)
        return answer

    Client.request = asked  # type: ignore[method-assign]
    try:
        yield
    finally:
        Client.request = ask  # type: ignore[method-assign]


@contextmanager
def all_logs() -> Iterator[list[tuple[str, str]]]:
    """All records of all loggers: as the site writes them, and as they are given."""
    texts: list[tuple[str, str]] = []
    root = logging.getLogger()
    formatter = next(
        handler.formatter
        for handler in root.handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    )

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(("as it is written", formatter.format(record)))
            texts.append(("as it is given", record.getMessage()))

    keeper = Keeper(level=logging.NOTSET)
    loggers = [root, *(logging.getLogger(name) for name in root.manager.loggerDict)]
    before = [(each, each.level, each.propagate, each.disabled) for each in loggers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
        each.propagate, each.disabled = True, False
    root.addHandler(keeper)
    try:
        yield texts
    finally:
        root.removeHandler(keeper)
        for each, level, propagate, disabled in before:
            each.setLevel(level)
            each.propagate, each.disabled = propagate, disabled
