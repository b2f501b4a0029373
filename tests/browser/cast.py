"""The demo's two companies: who acts for them, and as which Salesforce users."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cast:
    """One company with its administrator, its manager at UserGems, and its orgs' users."""

    company: str
    slug: str
    admin: str
    admin_email: str
    manager: str
    manager_email: str
    # By environment: who holds the connection, and who installs the package.
    integration: dict[str, str]
    installer: dict[str, str]
    # The production org's place among the rehearsal's ports.
    production_port: int


NORTHWIND = Cast(
    company="Northwind Traders",
    slug="northwind",
    admin="Priya Shah",
    admin_email="priya.shah@northwind.example",
    manager="Maya Rao",
    manager_email="maya.rao@usergems.example",
    integration={
        "sandbox": "usergems.integration@northwind.example.full",
        "production": "usergems.integration@northwind.example",
    },
    installer={
        "sandbox": "priya.shah@northwind.example.full",
        "production": "priya.shah@northwind.example",
    },
    production_port=3,
)
HARBOR = Cast(
    company="Harbor Analytics",
    slug="harbor",
    admin="Leo Fischer",
    admin_email="leo.fischer@harbor.example",
    manager="Sam Lindqvist",
    manager_email="sam.lindqvist@usergems.example",
    integration={"production": "usergems.integration@harbor.example"},
    installer={"production": "leo.fischer@harbor.example"},
    production_port=6,
)
