"""The demo's other customers: so that the desk has a portfolio, not one company.

They are where a customer is before its first visit: invited, on hold, or not given to anybody yet.
Nothing is made up that an org would have to say.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import Customer, Environment, Path, Plan, User
from accounts.services import customer_hold, customer_save
from jobchanges.models import RecordMode, SettingsTemplate
from jobchanges.settings_templates import template_values
from portal.invitations import signup_link_send


@dataclass(frozen=True)
class Company:
    """One customer; `person` gets the sign-up link, if there is one yet."""

    name: str
    slug: str
    domain: str
    plan: Plan
    path: Path
    manager: str = ""
    person: str = ""
    # Agreed for so many days from today; past when negative.
    go_live_in: int | None = None
    hold: str = ""


COMPANIES = [
    Company(
        "Juniper Robotics",
        "juniper",
        "juniper.example",
        Plan.ENTERPRISE,
        Path.SANDBOX_FIRST,
        manager="maya.rao@usergems.example",
        person="Inés Duarte",
        go_live_in=28,
    ),
    Company(
        "Aldus Health",
        "aldus",
        "aldus.example",
        Plan.GROWTH,
        Path.PRODUCTION_ONLY,
        manager="maya.rao@usergems.example",
        person="Kim Osei",
        go_live_in=21,
        hold="Their security team reads our security page first.",
    ),
    Company(
        "Tern Logistics",
        "tern",
        "tern.example",
        Plan.GROWTH,
        Path.PRODUCTION_ONLY,
        manager="maya.rao@usergems.example",
        go_live_in=-4,
    ),
    Company("Cedar & Pine", "cedar", "cedar.example", Plan.ENTERPRISE, Path.SANDBOX_FIRST),
]


def portfolio_make(*, staff: dict[str, User], by: User) -> None:
    """Create them, each through the services that the desk uses. `staff` by e-mail address."""
    for company in COMPANIES:
        planned = None
        if company.go_live_in is not None:
            planned = timezone.localdate() + timedelta(days=company.go_live_in)
        customer = Customer(
            name=company.name,
            slug=company.slug,
            plan=company.plan,
            path=company.path,
            implementation_manager=staff.get(company.manager),
            email_domains=[company.domain],
            planned_go_live=planned,
        )
        customer_save(customer=customer, changed=["name", "plan", "path"], by=by)
        if company.person:
            name = company.person.lower().replace(" ", ".").replace("é", "e")
            first = company.path == Path.SANDBOX_FIRST
            signup_link_send(
                customer=customer,
                environment=Environment.SANDBOX if first else Environment.PRODUCTION,
                person_name=company.person,
                email=f"{name}@{company.domain}",
                by=customer.implementation_manager,
            )
        if company.hold:
            customer_hold(customer=customer, reason=company.hold, by=by)


def template_make(*, by: User) -> SettingsTemplate:
    """What managers start a customer's settings from who routes leads with a tool of its own."""
    return SettingsTemplate.objects.create(
        name="Leads are routed",
        note="A routing tool is in place: every job change becomes a lead, and their rules go on.",
        values=template_values({"record_mode": RecordMode.ALWAYS_LEAD.value}),
        updated_by=by,
    )
