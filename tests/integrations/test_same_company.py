"""Whether production looks like the production of the tested sandbox."""

import pytest
from django.urls import reverse

from integrations.models import ConnectAttempt
from integrations.salesforce.hosts import company_domain
from tests.factories import ConnectAttemptFactory, ConnectionFactory

QUESTION = "Is this the production of the tested sandbox?"


@pytest.mark.parametrize(
    ("address", "company"),
    [
        ("https://northwind.my.salesforce.com", "northwind"),
        ("https://North-Wind.my.salesforce.com", "north-wind"),
        ("https://northwind--full.sandbox.my.salesforce.com", "northwind"),
        ("https://north-wind--uat2.cs42.my.salesforce.com", "north-wind"),
        ("https://northwind-dev-ed.develop.my.salesforce.com", ""),
        ("https://cs42.salesforce.com", ""),
        ("https://login.salesforce.com", ""),
        ("http://127.0.0.1:8001", ""),
        ("https://northwind.my.salesforce.com.evil.example", ""),
    ],
)
def test_the_companys_label_of_an_address(address, company):
    assert company_domain(address) == company


@pytest.fixture
def confirm(customer, admin_person, signed_in):
    """The page for a production org at this address, held by this user."""
    ConnectionFactory(
        customer=customer,
        epoch__name="Northwind (full copy)",
        epoch__instance_url="https://northwind--full.sandbox.my.salesforce.com",
        epoch__user_id="005000000000001AAA",
    )

    def show(address, user_id="005000000000002AAA"):
        attempt = ConnectAttemptFactory(
            customer=customer,
            environment="production",
            user=admin_person,
            state=ConnectAttempt.State.RETURNED,
            identity={
                "user_id": user_id,
                "username": "usergems@northwind.example",
                "user_name": "UserGems Integration",
                "profile": "UserGems Integration",
                "is_administrator": False,
                "app_installed": True,
                "instance_url": address,
                "identity_url": f"{address}/id/00D/005",
                "scopes": "api refresh_token openid id",
            },
            organization={
                "id": "00D000000000009MAA",
                "name": "Northwind Traders",
                "kind": "production",
                "edition": "Enterprise Edition",
                "instance_name": "USA45",
                "package_installed": True,
            },
        )
        answer = signed_in(admin_person).get(reverse("connect_confirm", args=[attempt.pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    return show


@pytest.mark.django_db
def test_another_companys_domain_is_asked_about(confirm):
    page = confirm("https://contoso.my.salesforce.com")
    assert QUESTION in page
    assert "is at “northwind”, this org at “contoso”" in page
    assert "Yes, connect this org" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "user_id"),
    [
        ("https://northwind.my.salesforce.com", "005000000000002AAA"),
        ("https://northwind-traders.my.salesforce.com", "005000000000001AAA"),
        ("https://na88.salesforce.com", "005000000000002AAA"),
    ],
)
def test_nothing_is_asked_where_nothing_speaks_against_it(confirm, address, user_id):
    assert QUESTION not in confirm(address, user_id)
