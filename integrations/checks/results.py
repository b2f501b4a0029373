"""Storing what checks found, one result a check and org."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.checks.answers import METADATA
from integrations.checks.base import Check, Finding, Item, Outcome, Who
from integrations.models import CheckResult, CheckRun, OrgEpoch
from integrations.salesforce.setup_links import PERMISSION_SETS

# No other org has taken the place of the round's. Not a join: an UPDATE over one looks at the
# state that the row had before it waited for whoever changed it (PostgreSQL, Read Committed).
ORG_STANDS = Exists(OrgEpoch.objects.filter(pk=OuterRef("epoch_id"), ended_at=None))


class RunLost(Exception):
    """Somebody else ended the round: its worker seemed dead, or another org took its place."""


def lease_renew(run: CheckRun) -> None:
    """Say that a worker is at it. Raises RunLost where the round is not its own any more."""
    held = CheckRun.objects.filter(
        ORG_STANDS, pk=run.pk, state=CheckRun.State.RUNNING, ended_at=None
    ).update(lease_until=timezone.now() + timedelta(seconds=settings.CHECK_LEASE_SECONDS))
    if not held:
        raise RunLost


def finding_store(run: CheckRun, check: Check, finding: Finding) -> str:
    """Store what a check found; the outcome where it is another than before, else "".

    Raises RunLost, with nothing stored, where the round is not ours any more.
    """
    now = timezone.now()
    values: dict[str, Any] = {
        "run": run,
        "outcome": finding.outcome,
        "checked_at": now,
        "found": str(finding.found)[:500],
        "items": [item.as_json() for item in finding.items],
        "missing_right": str(finding.missing_right)[:200],
        "error": "",
        "error_at": None,
    }
    with transaction.atomic():
        lease_renew(run)
        before = CheckResult.objects.filter(epoch=run.epoch_id, name=check.name).first()
        if before is not None and before.outcome == finding.outcome:
            CheckResult.objects.filter(pk=before.pk).update(**values)
            return ""
        CheckResult.objects.update_or_create(
            epoch_id=run.epoch_id, name=check.name, defaults=values | {"since": now}
        )
    return str(finding.outcome)


def error_store(run: CheckRun, check: Check, sentence: str) -> None:
    """Store that a check could not be asked, beside its last answer where there is one.

    Raises RunLost, with nothing stored, where the round is not ours any more.
    """
    values = {"error": sentence[:500], "error_at": timezone.now()}
    with transaction.atomic():
        lease_renew(run)
        CheckResult.objects.update_or_create(
            epoch_id=run.epoch_id,
            name=check.name,
            defaults=values,
            create_defaults=values
            | {"run": run, "outcome": Outcome.ERROR, "found": sentence[:500]},
        )


def cannot(right: str) -> Finding:
    """What a check answers that needs a right the running user lacks."""
    words: Mapping[str, str] = {"right": right}
    sentence = _("The integration user may not look there: “%(right)s” is missing.") % words
    fix = (
        _(
            "Permission Sets, the integration user’s set, System Permissions, Edit: tick "
            "“%(right)s”, then Save. Or look yourself at what is asked here."
        )
        % words
    )
    if right == METADATA:
        # More than a minimal integration user should keep (platform reference, 4.7).
        fix = (
            _(
                "Look yourself: Object Manager, Lead, Fields & Relationships, Map Lead Fields. Or "
                "Permission Sets, the integration user’s set, System Permissions, Edit: tick "
                "“%(right)s”, Save, check again and untick it: with it a user may change setup, "
                "too."
            )
            % words
        )
    item = Item(f"right.{right}", Outcome.CANNOT, sentence, fix, Who.ADMINISTRATOR, PERMISSION_SETS)
    return Finding(Outcome.CANNOT, sentence, (item,), right)
