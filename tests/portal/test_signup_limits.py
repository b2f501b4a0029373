"""A sign-up link cannot be used to make accounts without end."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import signup_link_create

pytestmark = pytest.mark.django_db


def test_the_limit_on_codes_also_limits_new_people(customer, manager):
    _link, token = signup_link_create(
        customer=customer,
        environment="sandbox",
        person_name="Priya Shah",
        email="priya.shah@northwind.example",
        by=manager,
    )
    before = User.objects.count()
    statuses = [
        Client()
        .post(reverse("signup", args=[token]), {"email": f"person{number}@northwind.example"})
        .status_code
        for number in range(30)
    ]
    assert 429 in statuses
    assert User.objects.count() - before == statuses.count(302)
