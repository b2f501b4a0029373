"""What an allowance is about: the fingerprint of a plan, and whether a plan is the allowed one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.hashing import content_hash
from accounts.models import Environment
from integrations.salesforce.manifest import MANIFESTS
from jobchanges.delivery.context import Visit
from jobchanges.models import Delivery, RecordWrite, WriteRole
from jobchanges.planning import Plan, account_of, plan_from_json, plan_to_json
from jobchanges.planning.serialise import write_hashed

# `Delivery.held_code` of what was held because it is not what was allowed.
NOT_ALLOWED = "not_allowed"


def plan_fingerprint(plan: Plan, *, attempt_field: str, created: Mapping[str, str]) -> str:
    """Hash what a plan writes, whichever attempt it is and whether shared accounts exist yet.

    Left out are before-images, explanations and the attempt number (`attempt_field`, of the
    package's record). `created`: id of an account that another job change of the run created →
    its reference (`account_of`); it reads the same as before it was there. Pure.
    """
    stored = plan_to_json(plan)
    stored["writes"] = [write_hashed(write) for write in stored["writes"]]
    for write in stored["writes"]:
        write["fields"] = {
            name: _named(value, created)
            for name, value in write["fields"].items()
            if not (write["role"] == WriteRole.PACKAGE and name == attempt_field)
        }
    return content_hash({name: stored[name] for name in ("writes", "outcome", "held_reason")})


def _named(value: Any, created: Mapping[str, str]) -> Any:
    if isinstance(value, str) and value in created:
        return {"ref": created[value]}
    return value


def fingerprints(deliveries: Iterable[Delivery]) -> dict[int, str]:
    """The fingerprint of each delivery's planned writes, by its id. Of one run, with epochs."""
    rows = list(deliveries)
    if not rows:
        return {}
    manifest = MANIFESTS.get(rows[0].epoch.package_manifest)
    attempt_field = manifest.attempt_field if manifest else ""
    made = _accounts_made(rows[0].test_run_id)
    return {
        item.pk: plan_fingerprint(
            plan_from_json(item.plan), attempt_field=attempt_field, created=_of_others(item, made)
        )
        for item in rows
    }


def as_allowed(visit: Visit, delivery: Delivery, plan: Plan) -> Plan:
    """The plan where it may go; a held one where production's customer allowed another one.

    A batch was signed as a whole, and a sandbox needs no allowance: both go as they are.
    """
    waits_for_nobody = delivery.batch_id is not None or (
        not delivery.expected_plan_hash and delivery.environment == Environment.SANDBOX
    )
    if plan.is_held or waits_for_nobody:
        return plan
    fingerprint = plan_fingerprint(
        plan,
        attempt_field=visit.settings.manifest.attempt_field,
        created=_of_others(delivery, _accounts_made(delivery.test_run_id)),
    )
    if fingerprint == delivery.expected_plan_hash:
        return plan
    return Plan(
        held_reason=_(
            "What would be written is no longer what was allowed, so nothing was written. It is "
            "planned again and allowed anew."
        ),
        held_code=NOT_ALLOWED,
        explanations=plan.explanations,
        branches=plan.branches,
    )


def _accounts_made(run_id: int | None) -> list[tuple[str, int, str]]:
    """Accounts that the run's deliveries created: (id, delivery, key of its job change)."""
    if run_id is None:
        return []
    return list(
        RecordWrite.objects.filter(
            attempt__delivery__test_run=run_id,
            role=WriteRole.ACCOUNT,
            operation=RecordWrite.Operation.CREATE,
        )
        .exclude(record_id="")
        .values_list("record_id", "attempt__delivery_id", "attempt__delivery__job_change__key")
    )


def _of_others(delivery: Delivery, made: Iterable[tuple[str, int, str]]) -> dict[str, str]:
    return {record_id: account_of(key) for record_id, maker, key in made if maker != delivery.pk}
