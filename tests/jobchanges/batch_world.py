"""A customer whose production org takes a released batch; and what the org holds of it."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Customer, Environment
from jobchanges.models import Batch, Delivery
from jobchanges.services import batch_release, imports_read
from tests import factories as make
from tests.jobchanges.conftest import PACKAGE
from tests.rehearsal_server import HARBOR_INTEGRATION, INTEGRATION, Rehearsal

FILE = Path(__file__).parents[2] / "portal" / "demo" / "data" / "job-changes.csv"
USERS = {"northwind": INTEGRATION, "harbor": HARBOR_INTEGRATION}


def batch_of(
    rehearsal: Rehearsal,
    customer: Customer,
    org: str,
    count: int,
    *,
    files: Sequence[bytes] = (),
    username: str = "",
    output: Mapping[str, Any] | None = None,
    in_the_org: Mapping[str, Any] | None = None,
    **chosen: Any,
) -> Batch:
    """The first rows of the demo's file, imported and released to the customer's production.

    `files` are to be imported instead, `username` is the integration user of an org that is not
    in `USERS`; `output` and `in_the_org` are settings of the customer and of the org; `chosen` goes
    to the release.
    """
    rehearsal.package_install(org)
    connection = rehearsal.connect(customer, org, username or USERS[org])
    make.OutputSettingsFactory(customer=customer, **output or {})
    owner = next(row for row in rehearsal.records(org, "User") if row["IsActive"])
    make.EnvironmentSettingsFactory(
        customer=customer,
        environment=Environment.PRODUCTION,
        **{"default_owner_id": owner["Id"], **(in_the_org or {})},
    )
    # The customer is live: nothing is asked of checks and tests any more.
    make.BatchFactory(customer=customer, epoch=connection.epoch, state=Batch.State.ENDED)
    if not files:
        with FILE.open("rb") as lines:
            files = [b"".join(islice(lines, count + 1))]
    manager = customer.implementation_manager
    for content in files:
        imports_read(customer=customer, file_name=FILE.name, content=content, by=manager)
    batch = batch_release(
        customer=customer,
        cut_off=timezone.now(),
        signed_hash=f"{customer.pk:064d}",
        customer_signer=make.MembershipFactory(customer=customer).user,
        vendor_signer=manager,
        by=manager,
        **chosen,
    )
    signed_for(batch)
    return batch


def signed_for(batch: Batch) -> None:
    """The summary that both sides signed for the batch: production and the settings as they are."""
    make.SummaryFactory(customer=batch.customer, signed_hash=batch.signed_hash, batch=batch)


def is_in(batch: Batch, state: str) -> bool:
    """Whether the batch has come to this state."""
    return Batch.objects.filter(pk=batch.pk, state=state).exists()


def keys_in(rehearsal: Rehearsal, org: str) -> list[str]:
    """The delivery keys in an org, with repeats if there were any."""
    return sorted(
        row["UserGem__DeliveryKey__c"]
        for row in rehearsal.records(org, PACKAGE)
        if not row["IsDeleted"]
    )


def everything_is_there_once(rehearsal: Rehearsal, batch: Batch, org: str, count: int) -> None:
    """Each job change of the batch stands in the org once, or was refused with its reason."""
    rows = list(Delivery.objects.filter(batch=batch).select_related("job_change"))
    assert len(rows) == count
    delivered = [item for item in rows if item.state == Delivery.State.DELIVERED]
    assert keys_in(rehearsal, org) == sorted(item.delivery_key for item in delivered)
    refused = [item for item in rows if item not in delivered]
    assert {item.state for item in refused} <= {Delivery.State.REFUSED}
    assert all(item.attempts.latest("number").errors for item in refused)
    assert len(refused) < len(delivered)
