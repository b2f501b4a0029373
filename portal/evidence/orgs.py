"""Where it went: orgs, settings, what the orgs answered, and what people said of steps."""

from collections.abc import Sequence
from typing import Any

from accounts.hashing import content_hash
from accounts.models import Customer
from integrations.models import CheckResult, Connection, OrgEpoch
from integrations.snapshots.difference import Difference
from jobchanges.models import EnvironmentSettings, OutputSettings
from portal.evidence.plain import Log, agreed, moment, sealed
from portal.models import Comparison, Confirmation, PeopleSource, Waiver
from portal.signoff import words
from portal.steps import step_find

CONFIRMED = ("step.confirmed",)
WAIVED = (
    *("step.waived", "point.accepted", "point.waived"),
    *("mirror.difference_accepted", "mirror.difference_waived"),
)


def orgs_of(customer: Customer) -> list[dict[str, Any]]:
    """Every org that was connected, also those that another one replaced. No tokens."""
    epochs = OrgEpoch.objects.filter(connection__customer=customer).select_related("connection")
    return [
        sealed(
            {
                "environment": str(epoch.connection.environment),
                "org_id": epoch.org_id,
                "name": epoch.name,
                "kind": str(epoch.kind),
                "edition": epoch.organization_type,
                "instance_url": epoch.instance_url,
                "user_id": epoch.user_id,
                "username": epoch.username,
                "user_is_administrator": epoch.user_is_administrator,
                "package_version": epoch.package_version,
                "connected_by": epoch.connection.connected_by_id,
                "scopes": epoch.connection.scopes,
                "health": str(epoch.connection.health) if _is_current(epoch) else "replaced",
                "since": moment(epoch.started_at),
                "until": moment(epoch.ended_at),
            }
        )
        for epoch in epochs.order_by("connection__environment", "number")
    ]


def _is_current(epoch: OrgEpoch) -> bool:
    return epoch.connection.epoch_id == epoch.pk


def settings_of(customer: Customer) -> dict[str, Any]:
    """Where job changes go, as chosen now, and where the list of people comes from."""
    output = OutputSettings.objects.filter(customer=customer).first()
    source = PeopleSource.objects.filter(customer=customer).first()
    chosen = EnvironmentSettings.objects.filter(customer=customer).order_by("environment")
    return sealed(
        {
            "shared": output.as_signed() if output else {},
            "orgs": [
                sealed(
                    {
                        "environment": str(one.environment),
                        "default_owner_id": one.default_owner_id,
                        "default_owner": one.default_owner_name,
                        "campaign_id": one.campaign_id,
                        "campaign": one.campaign_name,
                        "campaign_status": one.campaign_status,
                        "in_turn": one.round_robin,
                        "valid_in": one.validated_org_id,
                    }
                )
                for one in chosen
            ],
            "people_source": str(source.kind) if source else "",
            "people_source_words": str(source) if source else "",
        }
    )


def checks_of(customer: Customer) -> list[dict[str, Any]]:
    """The newest answer of each connected org to each check, with its points."""
    current = Connection.objects.filter(customer=customer).values("epoch")
    results = CheckResult.objects.filter(epoch__in=current).select_related("epoch__connection")
    return [
        sealed(
            {
                "environment": str(one.epoch.connection.environment),
                "org_id": one.epoch.org_id,
                "name": one.name,
                "question": words.check_title(one.name),
                "outcome": str(one.outcome),
                "found": one.found,
                "missing_right": one.missing_right,
                "points": one.items,
                "since": moment(one.since),
                "checked_at": moment(one.checked_at),
            }
        )
        for one in results.order_by("epoch__connection__environment", "name")
    ]


def mirror_of(customer: Customer) -> dict[str, Any] | None:
    """How production differs from the sandbox as it was approved; None: never compared."""
    found = Comparison.objects.filter(customer=customer).first()
    if found is None:
        return None
    return sealed(
        {
            "compared_at": moment(found.compared_at),
            "settled_at": moment(found.settled_at),
            "differences": [sealed(_difference(one)) for one in found.differences],
            "not_compared": found.unknown,
        }
    )


def _difference(stored: dict[str, Any]) -> dict[str, Any]:
    names = ("kind", "key", "grade", "change", "sentence", "then", "now", "since")
    kept = {name: stored.get(name, "") for name in names}
    known = {name: stored[name] for name in Difference.__dataclass_fields__ if name in stored}
    return kept | {"difference_hash": Difference(**known).hash}


def said_of(customer: Customer, log: Log) -> list[dict[str, Any]]:
    """Steps that people vouched for, and steps, points and differences set aside with a reason."""
    here = {"customer": customer}
    rows: Sequence[Confirmation | Waiver] = [
        *Confirmation.objects.filter(**here).select_related("epoch").order_by("at", "pk"),
        *Waiver.objects.filter(**here).select_related("epoch").order_by("at", "pk"),
    ]
    return [_said(customer, one, log) for one in sorted(rows, key=lambda one: one.at)]


def _said(customer: Customer, one: Confirmation | Waiver, log: Log) -> dict[str, Any]:
    waiver = one if isinstance(one, Waiver) else None
    text = waiver.reason if waiver else str(getattr(one, "statement", ""))
    said_hash = content_hash(text)
    number, action = log.said(WAIVED if waiver else CONFIRMED, one.pk, said_hash)
    step = step_find(customer.path, one.step)
    return agreed(
        what="waiver" if waiver else "confirmation",
        content=text,
        agreed_hash=said_hash,
        in_event=number,
        recorded_as=action,
        id=one.pk,
        step=one.step,
        step_title=str(step.title) if step else one.step,
        subject=waiver.subject if waiver else "",
        subject_hash=waiver.subject_hash if waiver else "",
        org_id=one.epoch.org_id if one.epoch else "",
        side=str(waiver.side) if waiver else "",
        by=one.by_id,
        at=moment(one.at),
        withdrawn_at=moment(one.withdrawn_at),
        withdrawn_by=one.withdrawn_by_id,
    )
