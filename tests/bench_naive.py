"""What most integrations do: each job change by itself, one call after the other."""

from __future__ import annotations

import time
from typing import Any

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError


class Loopback(requests.Session):
    """The library writes https always; the rehearsal orgs answer on this machine only."""

    def request(self, method: str, url: str, *rest: Any, **options: Any) -> Any:
        """As asked, without the s."""
        return super().request(method, url.replace("https:", "http:", 1), *rest, **options)


class OneByOne:
    """Asks each query in a call of its own."""

    def __init__(self, salesforce: Salesforce) -> None:
        self.salesforce = salesforce

    def queries(self, soqls: Any) -> list[list[dict[str, Any]]]:
        """The rows of each query."""
        return [self.salesforce.query_all(soql)["records"] for soql in soqls]


def one_by_one(slug: str) -> dict[str, Any]:
    """Match, write and read back what the customer has imported and not sent."""
    from integrations.models import Connection
    from integrations.services import org_open
    from jobchanges.matching import matches_ask
    from jobchanges.models import JobChange
    from jobchanges.plan_settings import plan_settings_load
    from jobchanges.planning import plan_make
    from jobchanges.planning.types import JobChangeData, Ref

    connection = Connection.objects.select_related("customer", "epoch").get(customer__slug=slug)
    settings = plan_settings_load(connection.customer, "production", org_open(connection))
    assert connection.epoch is not None
    salesforce = Salesforce(
        session_id=connection.access_token,
        instance_url=connection.epoch.instance_url,
        version="66.0",
        session=Loopback(),
    )
    rows = JobChange.objects.filter(deliveries=None, customer=connection.customer)
    sample = [JobChangeData.of(item) for item in rows.order_by("detected_at", "pk")]
    refused = 0
    started = time.monotonic()
    for job_change in sample:
        asks = OneByOne(salesforce)
        matches = matches_ask(asks, [job_change], settings)[job_change.key]  # type: ignore[arg-type]
        ids: dict[str, str] = {}
        try:
            for write in plan_make(job_change, settings, matches).writes:
                values = {
                    name: ids[value.reference] if isinstance(value, Ref) else value
                    for name, value in write.fields.items()
                }
                records = getattr(salesforce, write.object_name)
                if write.record_id:
                    records.update(write.record_id, values, headers=dict(write.headers))
                    ids[write.role] = write.record_id
                else:
                    made = records.create(values, headers=dict(write.headers))
                    ids[write.role] = made["id"]
                records.get(ids[write.role])
        except SalesforceError:
            refused += 1
    seconds = time.monotonic() - started
    if not sample or refused > len(sample) / 5:
        raise SystemExit(f"The naive loop did not work: {refused} of {len(sample)} refused.")
    return {"job_changes": len(sample), "seconds": round(seconds, 2), "refused": refused}
