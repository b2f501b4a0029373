"""Two customers with an object of every kind, and everybody who may come by."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from accounts.models import Customer, Environment, Role, User
from integrations.models import ConnectAttempt, Health
from jobchanges.models import SettingsTemplate
from portal.models import HelpText
from tests import factories as make
from tests.access.belongings import OWNED, identity, launch, objects, organization
from tests.signing_in import Browser

# The standing cast (tests/conftest.py), in the order of the table's columns.
PEOPLE = (
    "anonymous",
    "admin_person",
    "reviewer",
    "approver",
    "stranger",
    "manager",
    "lead",
    "operator",
    "other_manager",
    "staff_without_rights",
)
# They must never learn that Northwind is a customer (product.md, rule 7).
OUTSIDERS = ("anonymous", "stranger", "other_manager", "staff_without_rights")
# Contoso's name must not reach Northwind's people either, nor the manager who has only Northwind.
NORTHWIND_ONLY = ("admin_person", "reviewer", "approver", "manager")

# What gives a customer away: its name, the addresses of its people and of its org, its records.
NORTHWIND_MARKS = ("Northwind Traders", "@northwind.example", "northwind--", "Nwtmarkperson")
CONTOSO_MARKS = ("Contoso Pharma", "@contoso.example", "contoso--", "Ctsmarkperson")

TOKEN = "token-of-the-open-link"


class World:
    """The objects by the names that rows use, and a signed-in session for each person."""

    def __init__(self, closed_host: str) -> None:
        self.closed_host = closed_host
        self.people: dict[str, User] = _staff()
        self.of: dict[str, Any] = {
            "token": TOKEN,
            "sandbox": Environment.SANDBOX.value,
            "production": Environment.PRODUCTION.value,
            "accounts": "accounts",
            "json_format": "json",
            "confirmable": "sandbox.permissions",
            "confirmed": "sandbox.layouts",
            "waivable": "sandbox.lead_conversion",
            "unconnected_step": "production.package",
            "missing": 987654321,
        }
        self._northwind()
        self._contoso()
        self._at_first = {model: self._rows(model) for model in OWNED}
        self.sessions = {name: _session_of(user) for name, user in self.people.items()}

    def value(self, name: str) -> object:
        """What a row's address or form takes for a name: a key, or a plain word."""
        found = self.of[name]
        return getattr(found, "pk", found)

    def values(self, names: Mapping[str, str]) -> dict[str, object]:
        """`{"pk": "run"}` with the objects' keys in place of their names."""
        return {field: self.value(name) for field, name in names.items()}

    def northwind_changed(self, tables: Collection[str]) -> list[str]:
        """In which of these tables Northwind's rows are not what they were at the start."""
        return [
            model.__name__
            for model in OWNED
            if model._meta.db_table in tables and self._rows(model) != self._at_first[model]
        ]

    def _rows(self, model: type[Model]) -> list[dict[str, Any]]:
        mine = model._default_manager.filter(**{OWNED[model]: self.of["customer"].pk})
        return list(mine.order_by("pk").values())

    def _northwind(self) -> None:
        customer = make.CustomerFactory(
            name="Northwind Traders",
            slug="northwind",
            implementation_manager=self.people["manager"],
            email_domains=["northwind.example"],
        )
        for name, role, full_name in (
            ("admin_person", Role.ADMIN, "Priya Shah"),
            ("reviewer", Role.REVIEWER, "Ravi Menon"),
            ("approver", Role.APPROVER, "Ana Costa"),
        ):
            email = f"{full_name.lower().replace(' ', '.')}@northwind.example"
            self.people[name] = _member(customer, role, full_name, email)
        self.of["colleague"] = self.people["reviewer"].memberships.get()
        former = _member(customer, Role.ADMIN, "Fay Former", "fay.former@elsewhere.example")
        former.memberships.update(left_at=timezone.now())
        self.people["former_colleague"] = former
        admin = self.people["admin_person"]
        self.of |= {"customer": customer, "person": admin}
        self.of["settings_template"] = SettingsTemplate.objects.create(name="Routing tool")
        self.of["help_text"] = HelpText.objects.get(topic="package")
        self.of["customer_type"] = ContentType.objects.get_for_model(Customer)
        self.of |= objects(customer, admin, self.closed_host, "northwind", "Nwtmarkperson")
        self.of["link"] = make.SignupLinkFactory(
            customer=customer, token=TOKEN, email=admin.email, proven_by=admin
        )
        self.of["attempt"] = make.ConnectAttemptFactory(
            customer=customer,
            link=self.of["link"],
            user=admin,
            login_host=self.closed_host,
            state=ConnectAttempt.State.RETURNED,
            identity=identity(self.closed_host),
            organization=organization(),
        )
        # The production org asks for signing in again, so that no row waits for it to answer.
        again = make.ConnectionFactory(
            customer=customer,
            environment=Environment.PRODUCTION,
            health=Health.NEEDS_RECONNECTING,
            connected_by=admin,
            login_host=self.closed_host,
            epoch__org_id="00D000000000009MAA",
            epoch__name="Northwind Traders",
            epoch__instance_url=self.closed_host,
        )
        self.of["tracking_report"] = make.TrackingReportFactory(
            customer=customer, epoch=again.epoch, chosen_by=admin
        )
        self.of["draft"] = make.TestRunFactory(
            customer=customer, environment=Environment.PRODUCTION, epoch=again.epoch
        )
        # Offered to be allowed; in an org of before, because an org has one open run.
        before = make.OrgEpochFactory(
            connection=again, number=0, org_id="00D000000000008MAA", ended_at=timezone.now()
        )
        self.of["offered"] = make.TestRunFactory(
            customer=customer,
            environment=Environment.PRODUCTION,
            epoch=before,
            offered_at=timezone.now(),
            planned_at=timezone.now(),
        )
        make.DeliveryFactory(
            test_run=self.of["offered"],
            job_change=make.JobChangeFactory(customer=customer, last_name="Nwtmarkperson"),
            plan={"writes": [], "outcome": "package_only"},
            plan_hash="a" * 64,
        )
        signers = (self.people["approver"], self.people["manager"])
        self.of |= launch(customer, signers, self.of["draft"], "Nwtmarkperson")

    def _contoso(self) -> None:
        customer = make.CustomerFactory(
            name="Contoso Pharma",
            slug="contoso",
            implementation_manager=self.people["other_manager"],
            email_domains=["contoso.example"],
        )
        stranger = _member(customer, Role.ADMIN, "Stella Strand", "stella.strand@contoso.example")
        self.people["stranger"] = stranger
        theirs = objects(customer, stranger, self.closed_host, "contoso", "Ctsmarkperson")
        self.of |= {f"their_{name}": found for name, found in theirs.items()}


def _staff() -> dict[str, User]:
    return {
        "manager": make.ManagerFactory(full_name="Maya Rao", email="maya.rao@usergems.example"),
        "lead": make.LeadFactory(full_name="Lena Ortiz", email="lena.ortiz@usergems.example"),
        "operator": make.StaffFactory(
            full_name="Omar Ops", email="omar.ops@usergems.example", is_superuser=True
        ),
        "other_manager": make.ManagerFactory(
            full_name="Otto Berg", email="otto.berg@usergems.example"
        ),
        "staff_without_rights": make.StaffFactory(
            full_name="Nora Null", email="nora.null@usergems.example"
        ),
    }


def _member(customer: Customer, role: Role, full_name: str, email: str) -> User:
    user = make.UserFactory(full_name=full_name, email=email)
    make.MembershipFactory(customer=customer, user=user, role=role)
    return user


def _session_of(user: User) -> str:
    """A session key; customers' people have typed a code just now, staff their second factor's."""
    browser = Browser()
    browser.force_login(user)
    if not user.is_staff:
        browser.prove(user, "code", email=user.email)
    return browser.cookies["sessionid"].value
