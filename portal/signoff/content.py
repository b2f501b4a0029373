"""What a sign-off covers: outcomes and grades, never times, counters or texts of evidence.

`content_of` is compared again and again; a difference voids the signatures. `shown_of` holds the
names behind its ids, signed as shown and never compared. Nothing here speaks of the sandbox that
is connected now: a refresh of it voids nothing (identity-and-state, Sign-off).
"""

from collections.abc import Mapping
from typing import Any

from accounts.hashing import content_hash
from accounts.models import Customer, Environment
from integrations.models import OrgEpoch, TrackingReport
from integrations.selectors import connections_by_customer
from jobchanges.models import (
    Allowance,
    EnvironmentSettings,
    OrgOffer,
    OutputSettings,
    RunApproval,
    TestRun,
    Verdict,
)
from jobchanges.settings_used import turns_signed
from portal.checking.results import results_load
from portal.mirror.facts import mirror_load
from portal.models import Confirmation, PeopleSource, Waiver
from portal.settings_words import row_field
from portal.signoff.answers import (
    answers_of,
    differences_signed,
    is_compared,
    kinds_unknown,
    said_shown,
    step_state,
)
from portal.steps import Facts, Step, StepStatus, step_find
from portal.steps.checked import CheckedStep
from portal.steps.facts import epochs_now

# 1: steps as people confirmed them. 2: also what the org answers, the mirror, tracking reports.
VERSION = 2
PRODUCTION = Environment.PRODUCTION
# What makes production like the tested sandbox; on the production-only path the last two.
ALIKE = ("production.mirror", "production.layouts", "production.lead_conversion")
CHECKS = ("production.permissions", "production.settings")


def facts_of(customer: Customer) -> Facts:
    """The facts a sign-off looks at, and no others: a batch asks before each group."""
    here = {"customer": customer}
    standing = here | {"withdrawn_at": None}
    connections = connections_by_customer([customer])[customer.pk]
    return Facts(
        customer=customer,
        connections=connections,
        confirmations=list(
            Confirmation.objects.filter(**standing).select_related("by").order_by("-at")
        ),
        waivers=list(Waiver.objects.filter(**standing).select_related("by").order_by("-at")),
        output=OutputSettings.objects.filter(**here).first(),
        environment_settings={
            chosen.environment: chosen for chosen in EnvironmentSettings.objects.filter(**here)
        },
        people=PeopleSource.objects.filter(**here).first(),
        tracking_reports=list(
            TrackingReport.objects.filter(**here, removed_at=None, epoch__ended_at=None)
        ),
        checks=results_load(epochs_now([connections])),
        mirror=mirror_load([customer])[customer.pk],
    )


def content_of(customer: Customer, facts: Facts) -> dict[str, Any]:
    """Exactly what is hashed and compared, as plain JSON."""
    return {
        "version": VERSION,
        "path": str(customer.path),
        "org": _org(facts.epoch(PRODUCTION)),
        "settings": _settings(facts),
        "alike": _outcomes(customer, facts, ALIKE),
        "checks": _outcomes(customer, facts, CHECKS),
        "answers": answers_of(facts),
        "differences": differences_signed(facts),
        "not_compared": kinds_unknown(facts),
        "people": str(facts.people.kind) if facts.people else "",
        "reports": _reports(facts),
        "tests": {
            environment.value: _test(run) for environment, run in runs_approved(customer).items()
        },
    }


def shown_of(customer: Customer, facts: Facts) -> dict[str, Any]:
    """The names and reasons behind the content, as they are now."""
    epoch = facts.epoch(PRODUCTION)
    chosen = facts.environment_settings.get(PRODUCTION)
    runs = runs_approved(customer)
    said = [
        one
        for key in (*ALIKE, *CHECKS)
        for one in (facts.waiver(key, PRODUCTION), facts.confirmation(key, PRODUCTION))
        if one is not None
    ]
    points, reasons, people = said_shown(facts)
    people |= {one.by_id: one.by for one in said}
    for run in runs.values():
        for approval in _approvals(run) if run else ():
            people[approval.by_id] = approval.by
    return {
        "customer": customer.name,
        "org": epoch.name if epoch else "",
        "default_owner": chosen.default_owner_name if chosen else "",
        "campaign": chosen.campaign_name if chosen else "",
        "round_robin": {one["id"]: one["name"] for one in chosen.round_robin} if chosen else {},
        "fields": _labels(facts),
        "people": {str(pk): str(person) for pk, person in sorted(people.items())},
        "reasons": reasons | {one.step: one.reason for one in said if isinstance(one, Waiver)},
        "points": points,
        "reports": {one.report_id: one.name for one in _reports_chosen(facts)},
    }


def runs_approved(customer: Customer) -> dict[Environment, TestRun | None]:
    """The last approved test of each environment; the sandbox only where the path has one."""
    wanted = [Environment.SANDBOX, Environment.PRODUCTION]
    if step_find(customer.path, "sandbox.test") is None:
        wanted = [Environment.PRODUCTION]
    found: dict[Environment, TestRun | None] = dict.fromkeys(wanted)
    for run in (
        TestRun.objects.filter(customer=customer, state=TestRun.State.APPROVED)
        .select_related("epoch")
        .prefetch_related("approvals__by")
        .order_by("created_at", "pk")
    ):
        if run.environment in found:
            found[Environment(run.environment)] = run
    return found


def _org(epoch: OrgEpoch | None) -> dict[str, Any] | None:
    if epoch is None:
        return None
    return {
        "id": epoch.org_id,
        "user_id": epoch.user_id,
        "username": epoch.username,
        # Unknown is not "no": a minimal user may not be able to read it.
        "app_installed": epoch.app_installed is not False,
        "package": epoch.package_manifest,
        "package_installed": epoch.package_installed is not False,
        "package_version": epoch.package_version,
    }


def _settings(facts: Facts) -> dict[str, Any]:
    output, chosen = facts.output, facts.environment_settings.get(PRODUCTION)
    own = ("default_owner_id", "campaign_id", "campaign_status")
    nothing = {"record_mode": "", "contact_owner_rule": "", "lead_source": ""}
    content: dict[str, Any] = (output.as_signed() if output else nothing) | {
        name: str(getattr(chosen, name)) if chosen else "" for name in own
    }
    return content | (turns_signed(output, chosen) if chosen else {})


def _labels(facts: Facts) -> dict[str, str]:
    """What production calls the mapped fields, as far as it said so: by "Contact.Status__c"."""
    mapped = facts.output.field_mapping if facts.output else []
    epoch = facts.epoch(PRODUCTION)
    offer = OrgOffer.objects.filter(epoch=epoch).first() if mapped and epoch else None
    if offer is None:
        return {}
    called = {
        f"{name}.{field['name']}": str(field.get("label", ""))
        for name, fields in offer.options.get("fields", {}).items()
        for field in fields
    }
    return {key: called[key] for row in mapped if (key := row_field(row)) in called}


def _reports(facts: Facts) -> list[dict[str, Any]]:
    """The tracking reports with the columns that count, where the list comes from reports."""
    return [
        {"id": one.report_id, "columns": dict(one.column_map)} for one in _reports_chosen(facts)
    ]


def _reports_chosen(facts: Facts) -> list[TrackingReport]:
    if facts.people is None or facts.people.kind != PeopleSource.Kind.REPORTS:
        return []
    return sorted(facts.tracking_reports, key=lambda report: report.report_id)


def _outcomes(customer: Customer, facts: Facts, keys: tuple[str, ...]) -> dict[str, Any]:
    """How each of these steps stands, for the steps that the path has."""
    steps = [step for key in keys if (step := step_find(customer.path, key)) is not None]
    return {step.key: _outcome(step, facts) for step in steps}


def _outcome(step: Step, facts: Facts) -> dict[str, Any]:
    """Done (confirmed by whom), waived (by whom, why) or open; not when, not in which words."""
    # Without the steps before it: whether those stand is hashed by themselves.
    status = step.find(facts, {}).status
    waiver = facts.waiver(step.key, PRODUCTION)
    if status == StepStatus.WAIVED and waiver is not None:
        reason = content_hash(waiver.reason)
        return {"state": "waived", "by": waiver.by_id, "reason": reason}
    if status == StepStatus.WAIVED:
        return {"state": "not_needed"}
    confirmation = facts.confirmation(step.key, PRODUCTION)
    state = step_state(step, facts) if isinstance(step, CheckedStep) else ""
    if state == "confirmed" and confirmation is not None:
        return {"state": "confirmed", "by": confirmation.by_id}
    if state:
        return {"state": state}
    if status != StepStatus.DONE:
        return {"state": "open"}
    compared = step.name == "mirror" and is_compared(facts)
    if step.confirmable and confirmation is not None and not compared:
        return {"state": "confirmed", "by": confirmation.by_id}
    return {"state": "done"}


def _test(run: TestRun | None) -> dict[str, Any] | None:
    """An approved test: what both sides approved, by its hash, and how many were right."""
    if run is None:
        return None
    approvals = _approvals(run)
    return {
        "number": run.number,
        "org": run.epoch.org_id,
        "approvals": {
            str(one.side): {"by": one.by_id, "hash": one.content_hash} for one in approvals
        },
        **_verdicts(approvals[0].content if approvals else {}),
        "allowances": sorted(
            Allowance.objects.filter(test_run=run, withdrawn_at=None).values_list(
                "content_hash", flat=True
            )
        ),
    }


def _verdicts(approved: Mapping[str, Any]) -> dict[str, int]:
    """How many looked right to both, and how many both set aside, when it was approved.

    Read from what was approved: a job change that was set aside gets a new try in the batch.
    """
    found = {Verdict.RIGHT.value: 0, Verdict.SET_ASIDE.value: 0}
    for delivery in approved.get("deliveries", []):
        attempts = delivery.get("attempts") or [{}]
        verdicts = attempts[-1].get("verdicts", {}).values()
        said = {verdict.get("verdict") for verdict in verdicts}
        if len(said) == 1 and (one := said.pop()) in found:
            found[one] += 1
    return found


def _approvals(run: TestRun) -> list[RunApproval]:
    return sorted(run.approvals.all(), key=lambda approval: approval.side)
