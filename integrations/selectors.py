"""Reads of this floor; each is one query, however many customers there are."""

from collections.abc import Iterable

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from accounts.models import Customer
from integrations.models import ConnectAttempt, Connection


def connections_by_customer(customers: Iterable[Customer]) -> dict[int, dict[str, Connection]]:
    """Customer id → environment → connection, the current org and who connected it joined in."""
    found: dict[int, dict[str, Connection]] = {customer.pk: {} for customer in customers}
    for connection in Connection.objects.select_related("epoch", "connected_by").filter(
        customer_id__in=list(found)
    ):
        found[connection.customer_id][connection.environment] = connection
    return found


def connection_find(customer: Customer, environment: str) -> Connection | None:
    """The customer's connection to one of its two orgs, the current org joined in."""
    return (
        Connection.objects.select_related("epoch", "connected_by", "customer")
        .filter(customer=customer, environment=environment)
        .first()
    )


def attempts_by_customer(customers: Iterable[Customer]) -> dict[int, dict[str, ConnectAttempt]]:
    """Customer id → environment → newest attempt to connect."""
    found: dict[int, dict[str, ConnectAttempt]] = {customer.pk: {} for customer in customers}
    # The database leaves the older ones out: somebody may try a thousand times.
    place = Window(
        RowNumber(),
        partition_by=[F("customer_id"), F("environment")],
        order_by=[F("started_at").desc(), F("pk").desc()],
    )
    for attempt in (
        ConnectAttempt.objects.select_related("user")
        .defer("sealed_token")
        .filter(customer_id__in=list(found))
        .annotate(place=place)
        .filter(place=1)
    ):
        found[attempt.customer_id][attempt.environment] = attempt
    return found


def attempt_newest(*, user_id: int, environment: str) -> ConnectAttempt | None:
    """The person's newest attempt for an environment, whatever became of it."""
    return (
        ConnectAttempt.objects.select_related("customer", "link", "user")
        .filter(user_id=user_id, environment=environment)
        .order_by("-started_at", "-pk")
        .first()
    )


def attempt_confirmed_newest(customer: Customer, environment: str) -> ConnectAttempt | None:
    """The attempt by which the connection stands; None when it was let go of (retention)."""
    return (
        ConnectAttempt.objects.defer("sealed_token")
        .filter(
            customer=customer,
            environment=environment,
            state=ConnectAttempt.State.CONFIRMED,
        )
        .order_by("-ended_at", "-pk")
        .first()
    )
