"""What checks are told about settings and job changes: plain data, made when a run begins."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import Customer, Environment, Path
from integrations.checks.base import CheckContext
from integrations.models import Connection, OrgEpoch
from integrations.salesforce.ids import id18, is_id
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1
from integrations.selectors import attempt_confirmed_newest
from jobchanges.delivery.due import RECORDS_A_CALL
from jobchanges.forecast.cost import DESCRIBES, write_calls
from jobchanges.models import EnvironmentSettings, JobChange, Kind, OutputSettings, TestRun
from jobchanges.models.runs import MAXIMUM
from jobchanges.planning.filled import fields_filled
from jobchanges.planning.mapping import mapping_from_json
from jobchanges.requeue import batch_job_changes
from jobchanges.selectors.candidates import candidates
from portal.checking.chosen import choices_told
from portal.models import Summary
from portal.signoff.standing import first_batch_open, is_history, summary_standing

# So many of the waiting job changes are looked at one by one.
LOOKED_AT = 300
# Texts of job changes that everyone waiting may have a value for.
_TEXTS = (
    "first_name",
    "new_email",
    "new_title",
    "phone",
    "person_state",
    "person_country",
    "linkedin_url",
    "past_title",
    "new_company_website",
    "new_company_city",
    "new_company_country",
)
_NUMBERS = ("new_company_employees", "job_started_date", "role_started_date")
# Roughly: how many calls matching takes for each call that writes, and records a job change makes.
MATCHING_CALLS, RECORDS_EACH = 3, 4


def check_context(connection: Connection) -> CheckContext:
    """The settings, the waiting job changes and the tested org, for the org connected now."""
    customer, environment = connection.customer, connection.environment
    epoch = connection.epoch
    shared = OutputSettings.objects.filter(customer=customer).first()
    own = EnvironmentSettings.objects.filter(customer=customer, environment=environment).first()
    chosen = own is not None and shared is not None
    waiting = _waiting(customer, environment, epoch)
    count = waiting.count()
    listed = list(waiting[:LOOKED_AT])
    manifest = MANIFESTS.get(epoch.package_manifest if epoch else "", USERGEM_1)
    record_mode = str(shared.record_mode) if shared and chosen else ""
    filled = fields_filled(
        manifest,
        record_mode=record_mode,
        campaign=bool(own and own.campaign_id),
        member_status=bool(own and own.campaign_status),
        always_known=_always_known(waiting),
        field_mapping=mapping_from_json(shared.field_mapping) if shared and chosen else (),
        lead_account_field=shared.lead_account_field if shared and chosen else "",
        update_past_record=shared.update_past_record if shared and chosen else True,
    )
    values: dict[str, Any] = {}
    if shared is not None and own is not None:
        values = choices_told(shared, own, manifest, listed, filled)
    return CheckContext(
        environment=str(environment),
        permission_list=customer.permission_list,
        record_mode=record_mode,
        fields_created=filled.created,
        fields_updated=filled.updated,
        fields_always=filled.always,
        waiting=count,
        past_contact_ids=_ids(listed, "past_contact_id"),
        past_lead_ids=_ids(listed, "past_lead_id"),
        past_account_ids=_ids(listed, "past_account_id"),
        past_records=_past_records(listed),
        calls_needed=_calls_needed(customer, environment, count),
        connected_org_id=epoch.org_id if epoch else "",
        **values,
        **_tested(customer, environment),
    )


def _waiting(customer: Customer, environment: str, epoch: OrgEpoch | None) -> QuerySet[JobChange]:
    """What is still to be sent to this org, the oldest first.

    In production, once a summary stands, what was signed: an answer that changed because job
    changes were imported since, or have arrived meanwhile, would void the signatures and halt the
    batch, with nothing changed in the org.
    """
    if environment == Environment.PRODUCTION:
        org_id = epoch.org_id if epoch else ""
        batch, summary = first_batch_open(customer), summary_standing(customer)
        # After its batch a summary keeps nothing out: what came since goes in regular batches.
        signed = batch or (None if summary is None or is_history(summary) else summary)
        wanted = batch_job_changes(customer, org_id, signed.cut_off if signed else timezone.now())
        if batch is not None:
            wanted = JobChange.objects.filter(
                Q(pk__in=wanted.values("pk")) | Q(pk__in=batch.deliveries.values("job_change")),
            ).order_by("detected_at", "pk")
        return wanted.exclude(last_name="")
    return candidates(customer, environment).order_by("detected_at", "pk")


def _always_known(waiting: QuerySet[JobChange]) -> set[str]:
    """Attributes that every waiting job change that creates somebody has a value for."""
    creating = waiting.order_by().filter(kind=Kind.JOINED)
    empty = {name: Count("pk", filter=Q(**{name: ""})) for name in _TEXTS}
    empty |= {name: Count("pk", filter=Q(**{f"{name}__isnull": True})) for name in _NUMBERS}
    counted = creating.aggregate(joined=Count("pk"), **empty)
    return {name for name in empty if counted["joined"] and not counted[name]}


def _ids(listed: Sequence[JobChange], name: str) -> list[str]:
    """Past records, 18 characters long, each once; what is no id is left out."""
    return list(dict.fromkeys(filter(None, (_id(getattr(one, name)) for one in listed))))


def _id(value: str) -> str:
    return id18(value) if is_id(value) else ""


def _past_records(listed: Sequence[JobChange]) -> list[tuple[str, ...]]:
    """By job change: its past contact or lead, and its past account."""
    each = (
        tuple(
            filter(
                None, (_id(one.past_contact_id) or _id(one.past_lead_id), _id(one.past_account_id))
            )
        )
        for one in listed
    )
    return [ids for ids in each if ids]


def _calls_needed(customer: Customer, environment: str, count: int) -> int:
    """About how many API calls a test run costs, in production the first batch; 0: not known."""
    if environment == Environment.PRODUCTION:
        forecast = (
            Summary.objects.filter(customer=customer, voided_at=None)
            .exclude(signed_hash="")
            .values_list("forecast", flat=True)
            .first()
        )
        if forecast:
            return int((forecast.get("api_calls") or {}).get("expected") or 0)
    else:
        count = min(count, MAXIMUM)
    writes = write_calls(count, size=5, seconds=None)
    if not writes:
        return 0
    return DESCRIBES + writes * (2 + MATCHING_CALLS) + ceil(count * RECORDS_EACH / RECORDS_A_CALL)


def _tested(customer: Customer, environment: str) -> dict[str, Any]:
    """The sandbox whose test was approved, and whether production knows it as its own."""
    if environment != Environment.PRODUCTION or customer.path != Path.SANDBOX_FIRST:
        return {}
    run = (
        TestRun.objects.select_related("epoch")
        .filter(customer=customer, environment=Environment.SANDBOX, state=TestRun.State.APPROVED)
        .order_by("number")
        .last()
    )
    if run is None:
        return {}
    attempt = attempt_confirmed_newest(customer, Environment.PRODUCTION)
    return {
        "tested_org_id": run.epoch.org_id,
        "tested_org_name": run.epoch.name,
        "tested_parent": str((attempt.organization or {}).get("parent", "")) if attempt else "",
    }
