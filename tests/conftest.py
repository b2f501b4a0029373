"""The standing cast: everyone learns them once (style examples, 21)."""

import gc
import socket
from collections.abc import Callable

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache

from accounts.models import Customer, Role, User
from tests.factories import (
    CustomerFactory,
    LeadFactory,
    ManagerFactory,
    MembershipFactory,
    StaffFactory,
    UserFactory,
)
from tests.rehearsal_server import rehearsal, rehearsal_process  # noqa: F401 (fixtures)
from tests.signing_in import Browser

# A timing never makes a test pass or fail.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


ASKS_THE_DATABASE = {"db", "transactional_db", "live_server", "world"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL again: only what asks the database, and is not marked `one_database`."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return
    again: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        (again if _is_asked_again(item) else left_out).append(item)
    items[:] = again
    config.hook.pytest_deselected(items=left_out)


def _is_asked_again(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(name) for name in ("servers", "chaos", "browser")):
        return True
    asks = item.get_closest_marker("django_db") or ASKS_THE_DATABASE & set(
        getattr(item, "fixturenames", ())
    )
    return bool(asks) and item.get_closest_marker("one_database") is None


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it after every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


LOOPBACK = {"127.0.0.1", "localhost", "::1", "testserver"}


@pytest.fixture(autouse=True, scope="session")
def _no_network_but_loopback():
    """A test that asks for another host fails at once, instead of waiting for nobody."""
    ask = socket.getaddrinfo

    def asked(host, *rest, **named):
        name = host.decode() if isinstance(host, bytes) else host
        if name and name not in LOOPBACK and not name.endswith((".invalid", ".test")):
            pytest.fail(f"A test asked the network for {name}.")
        return ask(host, *rest, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", asked)
        yield


@pytest.fixture(autouse=True)
def _rate_limits_start_anew():
    """allauth counts attempts in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def manager(db) -> User:
    """Maya Rao, implementation manager of Northwind Traders."""
    return ManagerFactory(full_name="Maya Rao", email="maya.rao@usergems.example")


@pytest.fixture
def other_manager(db) -> User:
    """Manages another customer."""
    return ManagerFactory(full_name="Otto Berg", email="otto.berg@usergems.example")


@pytest.fixture
def lead(db) -> User:
    """Leads the implementation managers."""
    return LeadFactory(full_name="Lena Ortiz", email="lena.ortiz@usergems.example")


@pytest.fixture
def staff_without_rights(db) -> User:
    """May sign in to the desk and do nothing there."""
    return StaffFactory(full_name="Nora Null", email="nora.null@usergems.example")


@pytest.fixture
def operator(db) -> User:
    """Runs the portal: superuser."""
    return StaffFactory(full_name="Omar Ops", email="omar.ops@usergems.example", is_superuser=True)


@pytest.fixture
def customer(manager) -> Customer:
    """Northwind Traders: Enterprise plan, sandbox first, managed by Maya Rao."""
    return CustomerFactory(
        name="Northwind Traders",
        slug="northwind",
        implementation_manager=manager,
        email_domains=["northwind.example"],
    )


@pytest.fixture
def other_customer(other_manager) -> Customer:
    """Another company, whose people are strangers to Northwind."""
    return CustomerFactory(
        name="Contoso",
        slug="contoso",
        implementation_manager=other_manager,
        email_domains=["contoso.example"],
    )


def _member(customer: Customer, role: Role, name: str, email: str) -> User:
    user = UserFactory(full_name=name, email=email)
    MembershipFactory(customer=customer, user=user, role=role)
    return user


@pytest.fixture
def admin_person(customer) -> User:
    """Priya Shah, customer admin."""
    return _member(customer, Role.ADMIN, "Priya Shah", "priya.shah@northwind.example")


@pytest.fixture
def reviewer(customer) -> User:
    """Ravi Menon, a colleague who reviews."""
    return _member(customer, Role.REVIEWER, "Ravi Menon", "ravi.menon@northwind.example")


@pytest.fixture
def approver(customer) -> User:
    """Ana Costa, who signs for the customer."""
    return _member(customer, Role.APPROVER, "Ana Costa", "ana.costa@northwind.example")


@pytest.fixture
def stranger(other_customer) -> User:
    """Another customer's admin."""
    return _member(other_customer, Role.ADMIN, "Stella Strand", "stella.strand@contoso.example")


@pytest.fixture
def client() -> Browser:
    """A browser; `client.force_login(maya)` signs staff in with their second factor."""
    return Browser()


@pytest.fixture
def signed_in() -> Callable[..., Browser]:
    """A browser in which a person is signed in: `signed_in(priya)`.

    Customers' people have typed a code just now, staff proven their second factor; never
    (customers' people) or long ago (staff) with `fresh=False`.
    """

    def sign_in(user: User, *, fresh: bool = True) -> Browser:
        browser = Browser()
        browser.force_login(user, fresh=fresh)
        if fresh and not user.is_staff:
            browser.prove(user, "code", email=user.email)
        return browser

    return sign_in
