"""Both sides of the comparison: what the org holds, and what we say we did."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.manifest import PackageManifest, manifest_get
from integrations.services import org_open
from jobchanges.models import Attempt, Batch, Delivery, RecordWrite
from jobchanges.reconcile.types import OrgAnswer, OrgRow, OurRow, ReconcileError

State = Delivery.State


def org_ask(epoch: OrgEpoch) -> OrgAnswer:
    """Every record with a delivery key; one call for each 2,000. Raises ReconcileError."""
    shape = manifest_get(epoch.package_manifest)
    names = ["Id", shape.key_field, *shape.lookups.values()]
    # Names of the manifest, which is ours.
    soql = (
        f"SELECT {', '.join(names)} FROM {shape.object_name} "  # noqa: S608
        f"WHERE {shape.key_field} != null ORDER BY {shape.key_field}"
    )
    try:
        with closing(org_open(epoch.connection)) as org:
            rows = [_org_row(row, shape) for row in org.query(soql)]
            return OrgAnswer(rows, org.calls)
    except SalesforceError as error:
        raise ReconcileError(error.sentence) from error


def _org_row(row: Mapping[str, Any], shape: PackageManifest) -> OrgRow:
    lookups = {name: row[column] for name, column in shape.lookups.items() if row.get(column)}
    return OrgRow(record_id=row["Id"], key=row[shape.key_field], lookups=lookups)


def our_rows(epoch: OrgEpoch) -> list[OurRow]:
    """Our deliveries to the org with their ledger, in four queries whatever their number."""
    here = Delivery.objects.filter(org_id=epoch.org_id)
    ledger: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    # Of several attempts at one record, the latest counts.
    for pk, role, object_name, record_id in (
        RecordWrite.objects.filter(attempt__delivery__in=here)
        .order_by("attempt__number", "sequence")
        .values_list("attempt__delivery_id", "role", "object_name", "record_id")
        .iterator(chunk_size=2000)
    ):
        ledger[pk][role] = (object_name, record_id)
    refused = Attempt.objects.filter(
        delivery__in=here, delivery__state=State.REFUSED, outcome=Attempt.Outcome.REFUSED
    )
    errors = dict(refused.order_by("number").values_list("delivery_id", "errors"))
    numbers = dict(Batch.objects.filter(epoch=epoch).values_list("pk", "number"))
    return [
        OurRow(
            key=item.job_change.key,
            delivery_key=item.delivery_key,
            state=item.state,
            outcome=item.outcome,
            batch=numbers.get(item.batch_id) if item.batch_id else None,
            reason=_reason(item, errors.get(item.pk, [])),
            records=ledger.get(item.pk, {}),
        )
        for item in here.select_related("job_change")
        .only(
            *("state", "outcome", "batch_id", "org_id", "held_reason", "held_code"),
            "job_change__key",
        )
        .order_by("job_change__key")
        .iterator(chunk_size=2000)
    ]


def _reason(delivery: Delivery, errors: Iterable[Mapping[str, Any]]) -> str:
    """Why it was refused (Salesforce's code, our sentence) or held."""
    if delivery.state == State.HELD:
        return delivery.held_reason
    if delivery.state != State.REFUSED:
        return ""
    words = [f"{item.get('code', '')}: {item.get('sentence', '')}".strip(": ") for item in errors]
    return " ".join(dict.fromkeys(words)) or _("Salesforce gave no reason.")
