"""The demo's mailbox: mails become files, and pages show them (`portal/mail/pages.py`)."""

import email
import email.policy
import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as ParsedMessage
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

# Sorts by time; nothing of the mail itself gets into a file name.
NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")


class MailboxBackend(BaseEmailBackend):
    """Writes each mail as one .eml file into `DEMO_MAILBOX_DIR`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them; a reader never sees half a file."""
        folder = Path(settings.DEMO_MAILBOX_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = 0
        for message in email_messages:
            if not message.recipients():
                continue
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
            draft = folder / f".{name}.part"
            draft.write_bytes(message.message().as_bytes())
            os.replace(draft, folder / f"{name}.eml")
            written += 1
        return written


@dataclass(frozen=True)
class Mail:
    """One mail of the mailbox, as far as its pages show it."""

    name: str
    at: datetime
    subject: str
    sender: str
    to: str
    text: str
    html: str


def mails_list(limit: int = 100) -> list[Mail]:
    """The newest mails, newest first."""
    folder = Path(settings.DEMO_MAILBOX_DIR)
    names = sorted(each.stem for each in folder.glob("*.eml") if NAME.fullmatch(each.stem))
    found = (mail_find(name) for name in reversed(names[-limit:]))
    return [mail for mail in found if mail is not None]


def mail_find(name: str) -> Mail | None:
    """The mail with this name, None when there is none."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (Path(settings.DEMO_MAILBOX_DIR) / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    message = email.message_from_bytes(content, policy=email.policy.default)
    return Mail(
        name=name,
        at=datetime.fromtimestamp(int(name[:20]) / 1e9, tz=UTC),
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: ParsedMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body is not None else ""
