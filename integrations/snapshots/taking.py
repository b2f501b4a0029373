"""Taking a snapshot: from the answers of a survey to a stored content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.checks.base import CheckContext
from integrations.checks.survey import Survey
from integrations.models import CheckRun, OrgEpoch, Snapshot
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Content, Kind, Part
from integrations.snapshots.kinds import (
    campaigns,
    custom_fields,
    lead_conversion,
    page_layouts,
    related_lists,
    user_permissions,
)

_TAKE: Mapping[str, Callable[[Taking], Mapping[str, Part]]] = {
    "custom_fields": custom_fields.take,
    "page_layouts": page_layouts.take,
    "lead_conversion": lead_conversion.take,
    "campaigns": campaigns.take,
    "related_lists": related_lists.take,
    "user_permissions": user_permissions.take,
}
# What is read of a survey, to be asked for together with what the checks need.
NEEDS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            "package",
            *custom_fields.NEEDS,
            *page_layouts.NEEDS,
            *lead_conversion.NEEDS,
            *campaigns.NEEDS,
            *related_lists.NEEDS,
            *user_permissions.NEEDS,
        )
    )
)


def content_of(survey: Survey, context: CheckContext) -> Content:
    """What one org is configured like.

    What the running user may not ask is noted as unreadable. Raises SalesforceError where the org
    did not answer a question: half a snapshot is none.
    """
    taking = Taking(survey, context)
    kinds: dict[str, Kind] = {kind: take(taking) for kind, take in _TAKE.items()}
    package = taking.ask("custom_fields.package", lambda: survey.package)
    taking.unreadable.pop("custom_fields.package", None)
    return Content(
        environment=context.environment,
        kinds=kinds,
        unreadable=dict(sorted(taking.unreadable.items())),
        labels={name: found.label for name, found in sorted(taking.described.items())},
        package=taking.manifest is not None,
        package_version=package.version if package else "",
        package_object=taking.manifest.object_name if taking.manifest else "",
    )


def snapshot_store(*, survey: Survey, context: CheckContext, run: CheckRun) -> Snapshot | None:
    """Take what the run asked for and store it; None where the run asked for none, or its org is
    no longer the one connected.

    The current snapshot of an org is replaced by the next; a baseline is kept for each reference,
    as it was when it was taken first. Asks the survey before it writes: to be called outside a
    transaction. Raises what `content_of` raises.
    """
    if not run.snapshot:
        return None
    content = content_of(survey, context)
    values: dict[str, Any] = {
        "content": content.as_json(),
        "content_hash": content.hash,
        "taken_at": timezone.now(),
    }
    baseline = run.snapshot == CheckRun.Snapshot.BASELINE
    reference = run.reference if baseline else ""
    with transaction.atomic():
        # Held, so that an org cannot be left between the look and the write.
        if not OrgEpoch.objects.select_for_update().filter(pk=run.epoch_id, ended_at=None).exists():
            return None
        key: dict[str, Any] = {
            "epoch_id": run.epoch_id,
            "purpose": run.snapshot,
            "reference": reference,
        }
        if baseline:
            return Snapshot.objects.get_or_create(**key, defaults=values)[0]
        return Snapshot.objects.update_or_create(**key, defaults=values)[0]
