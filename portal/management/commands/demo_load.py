"""Loads the demo's people, customers and job changes, once."""

from pathlib import Path
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Customer, Environment, Plan, User
from accounts.models import Path as CustomerPath
from jobchanges.services import imports_read
from portal.demo.portfolio import COMPANIES, portfolio_make, template_make
from portal.invitations import signup_link_send

FILE = Path(__file__).resolve().parents[2] / "demo" / "data" / "job-changes.csv"
# Harbor goes without a sandbox: enough for a test of 5 to 10 and a first batch of about 40.
HARBOR_ROWS = 48

STAFF = [
    ("maya.rao@usergems.example", "Maya Rao", ["Implementation managers"]),
    ("sam.lindqvist@usergems.example", "Sam Lindqvist", ["Implementation managers"]),
    ("noor.haddad@usergems.example", "Noor Haddad", ["Implementation leads"]),
]
OPERATOR = ("operator@usergems.example", "Olu Operator")


def file_rows(count: int) -> bytes:
    """The demo's file with its heading and the first `count` rows; all of them with 0."""
    lines = FILE.read_bytes().splitlines(keepends=True)
    return b"".join(lines[: count + 1] if count else lines)


class Command(BaseCommand):
    """`manage.py demo_load`: does nothing when the demo's customers are there already."""

    help = "Load the demo: staff, customers, job changes, sign-up links in the mailbox."

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
            harbor = Customer.objects.create(
                name="Harbor Analytics",
                slug="harbor",
                plan=Plan.GROWTH,
                path=CustomerPath.PRODUCTION_ONLY,
                implementation_manager=staff["sam.lindqvist@usergems.example"],
                email_domains=["harbor.example"],
            )
        maya, sam = staff["maya.rao@usergems.example"], staff["sam.lindqvist@usergems.example"]
        content = file_rows(settings.DEMO_ROWS)
        run = imports_read(customer=northwind, file_name=FILE.name, content=content, by=maya)
        few = file_rows(HARBOR_ROWS)
        harbor_run = imports_read(customer=harbor, file_name=FILE.name, content=few, by=sam)
        # First, so that the mailbox begins with the two journeys.
        noor = staff["noor.haddad@usergems.example"]
        portfolio_make(staff=staff, by=noor)
        template_make(by=noor)
        signup_link_send(
            customer=northwind,
            environment=Environment.SANDBOX,
            person_name="Priya Shah",
            email="priya.shah@northwind.example",
            by=maya,
        )
        signup_link_send(
            customer=harbor,
            environment=Environment.PRODUCTION,
            person_name="Leo Fischer",
            email="leo.fischer@harbor.example",
            by=sam,
        )
        self.stdout.write(
            f"Loaded Northwind Traders with {run.rows_added} of {run.rows_total} job changes and "
            f"Harbor Analytics with {harbor_run.rows_added}; "
            f"their sign-up links are in the demo mailbox. Beside them: {len(COMPANIES)} customers "
            "who have not begun."
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
        for user in people.values():
            # Read at /demo/authenticator/. Quietly: nobody set it up, so nobody is mailed.
            TOTP.activate(user, generate_totp_secret())
            RecoveryCodes.activate(user)
        return people
