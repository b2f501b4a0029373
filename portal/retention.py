"""Everything whose time is over goes: `manage.py purge_expired`, and a task every night.

Repeating it changes nothing. The limits are the RETENTION_… settings.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils import timezone

from accounts.services.notes import notes_purge
from accounts.services.retention import sessions_purge, signup_links_purge
from integrations.services.retention import (
    call_slots_purge,
    check_runs_purge,
    connect_attempts_purge,
    sealed_tokens_purge,
)
from jobchanges.services.examples import known_purge
from jobchanges.services.retention import before_images_purge, imports_purge
from portal.evidence.making import evidence_files_purge
from portal.mail.purging import mails_purge
from portal.see_as import viewings_close
from portal.unfinished import unfinished_remove, unfinished_warn

logger = structlog.get_logger(__name__)


def expired_remove(*, dry_run: bool = False) -> dict[str, int]:
    """Remove what is past its time; how many of each kind, in the order it was done.

    With `dry_run` it only counts.
    """
    removed = {
        "sealed tokens": sealed_tokens_purge(dry_run=dry_run),
        "sign-up links": signup_links_purge(
            ended_before=_ago(settings.RETENTION_LINK_DAYS), dry_run=dry_run
        ),
        "attempts to connect": connect_attempts_purge(
            ended_before=_ago(settings.RETENTION_ATTEMPT_DAYS), dry_run=dry_run
        ),
        "call slots": call_slots_purge(dry_run=dry_run),
        "rounds of checks and lists of reports": check_runs_purge(
            ended_before=_ago(settings.RETENTION_ATTEMPT_DAYS), dry_run=dry_run
        ),
        "what orgs said of waiting job changes": known_purge(
            asked_before=_ago(settings.RETENTION_ATTEMPT_DAYS), dry_run=dry_run
        ),
        "rows of import reports": imports_purge(
            read_before=_ago(settings.RETENTION_IMPORT_DAYS), dry_run=dry_run
        ),
        "records' before-images and stored values": before_images_purge(
            live_before=_ago(settings.RETENTION_BEFORE_IMAGE_DAYS), dry_run=dry_run
        ),
        "mails that went out": mails_purge(
            ended_before=_ago(settings.RETENTION_MAIL_DAYS), dry_run=dry_run
        ),
        "sessions": sessions_purge(dry_run=dry_run),
        "looks at a customer's pages, ended": viewings_close(dry_run=dry_run),
        "texts of removed notes": notes_purge(
            removed_before=_ago(settings.RETENTION_IMPORT_DAYS), dry_run=dry_run
        ),
        "customers that never went live": unfinished_remove(dry_run=dry_run),
        # After what it follows: packs go with the values that they hold.
        "files of evidence packs": evidence_files_purge(dry_run=dry_run),
        "warnings before that, mailed": unfinished_warn(dry_run=dry_run),
    }
    logger.info("expired_removed", dry_run=dry_run, removed=removed)
    return removed


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
