"""Changes to one customer's connections take turns."""

from accounts.models import Customer


def customer_lock(customer_id: int) -> Customer:
    """Lock the customer's row until the transaction ends, before any connection's row.

    Always in this order on this floor, as the event log locks the same row: two changes then never
    wait for each other. The floor above locks the customer last (`jobchanges.delivery.batches`);
    where an org that is replaced takes its rows along, the two may meet, and who loses is repeated
    (`accounts.deadlocks`) or, in a worker, found by the sweep. On SQLite BEGIN IMMEDIATE
    (settings) lets one writer in at a time.
    """
    return Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
