"""Loads the demo's people, customer and job changes, once."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Customer, Environment, Plan, User
from accounts.models import Path as CustomerPath
from jobchanges.services import imports_read
from portal.invitations import signup_link_send

FILE = Path(__file__).resolve().parents[2] / "demo" / "data" / "job-changes.csv"

STAFF = [
    ("maya.rao@usergems.example", "Maya Rao", ["Implementation managers"]),
    ("sam.lindqvist@usergems.example", "Sam Lindqvist", ["Implementation managers"]),
    ("noor.haddad@usergems.example", "Noor Haddad", ["Implementation leads"]),
]
OPERATOR = ("operator@usergems.example", "Olu Operator")


class Command(BaseCommand):
    """`manage.py demo_load`: does nothing when the demo's customer is there already."""

    help = "Load the demo: staff, one customer, its job changes, and a sign-up link in the mailbox."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create everything, or say why not."""
        if not settings.DEMO:
            raise CommandError("demo_load makes people and customers: it runs with DEMO=true.")
        if Customer.objects.filter(slug="northwind").exists():
            self.stdout.write("The demo is loaded already.")
            return
        password = settings.DEMO_PASSWORD
        if not password:
            raise CommandError("DEMO_PASSWORD is empty: set one in .env, or let `make run` do it.")
        with transaction.atomic():
            staff = self.staff_make(password)
            northwind = Customer.objects.create(
                name="Northwind Traders",
                slug="northwind",
                plan=Plan.ENTERPRISE,
                path=CustomerPath.SANDBOX_FIRST,
                implementation_manager=staff["maya.rao@usergems.example"],
                email_domains=["northwind.example"],
            )
            Customer.objects.create(
                name="Harbor Analytics",
                slug="harbor",
                plan=Plan.GROWTH,
                path=CustomerPath.PRODUCTION_ONLY,
                implementation_manager=staff["sam.lindqvist@usergems.example"],
                email_domains=["harbor.example"],
            )
        maya = staff["maya.rao@usergems.example"]
        run = imports_read(
            customer=northwind, file_name=FILE.name, content=FILE.read_bytes(), by=maya
        )
        signup_link_send(
            customer=northwind,
            environment=Environment.SANDBOX,
            person_name="Priya Shah",
            email="priya.shah@northwind.example",
            by=maya,
        )
        self.stdout.write(
            f"Loaded Northwind Traders with {run.rows_added} of {run.rows_total} job changes; "
            "its sign-up link is in the demo mailbox."
        )

    def staff_make(self, password: str) -> dict[str, User]:
        """The vendor's people; managers in their groups, an operator who may do everything."""
        people: dict[str, User] = {}
        for email, name, groups in STAFF:
            user = User.objects.create_user(email, password, full_name=name, is_staff=True)
            user.groups.set(Group.objects.filter(name__in=groups))
            people[email] = user
        email, name = OPERATOR
        people[email] = User.objects.create_superuser(email, password, full_name=name)
        return people
