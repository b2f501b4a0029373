"""A refusal from the wire to the row that is kept and the page a person sees."""

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from integrations.salesforce.client import Graph, Node
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.setup_links import setup_url
from jobchanges.delivery.results import answer_read, refusal_kept
from jobchanges.models import Attempt, Delivery, TestRun
from jobchanges.planning import Plan, Write
from jobchanges.selectors.batches import delivery_exception_rows
from jobchanges.selectors.rows import errors_shown
from tests.factories import AttemptFactory, DeliveryFactory, JobChangeFactory, TestRunFactory
from tests.salesforce.conftest import (
    Server,
    Tokens,
    naps,
    org,
    says,
    server,
    tokens,
)
from tests.salesforce.platform_codes import CALLS, NEIGHBOURS, RECORDS, Row, in_graph

__all__ = ["Server", "Tokens", "naps", "org", "server", "tokens"]

ORG_ADDRESS = "https://northwind--full.sandbox.my.salesforce.com"
GRAPH = Graph("g1", [Node("POST", "Lead", None, "person", {"LastName": "Doe"})])
PLAN = Plan(writes=(Write(role="person", object_name="Lead", operation="create", fields={}),))


def view_of(errors):
    attempt = Attempt(errors=errors)
    (shown,) = errors_shown(attempt, ORG_ADDRESS)
    return shown


def page_of(view) -> str:
    row = {"view": {"errors": [view], "state": "refused"}}
    return render_to_string("portal/test_runs/_errors.html", {"row": row})


@pytest.mark.parametrize("row", RECORDS, ids=str)
def test_a_refused_record_is_kept_and_shown_with_its_place_in_setup(org, server, row: Row):
    server.then(says(200, in_graph(row, *NEIGHBOURS)))
    (result,) = org.graphs([GRAPH])
    kept = answer_read(result, PLAN).errors
    assert [item["code"] for item in kept] == [row.code]
    assert kept[0]["family"] == row.family.value
    assert kept[0]["message"] == row.text
    view = view_of(kept)
    assert view.record == "New lead"
    html = page_of(view)
    assert f"Who fixes it: {view.who}." in html
    assert row.code in html
    assert view.sentence
    if row.setup:
        assert view.setup_url == f"{ORG_ADDRESS}/lightning/setup/{row.setup}"
        assert f'href="{view.setup_url}" target="_blank" rel="noopener noreferrer"' in html
        assert "Open in Setup" in html
    else:
        assert "Open in Setup" not in html


@pytest.mark.parametrize("row", CALLS, ids=str)
def test_a_call_that_was_refused_is_kept_with_words_and_place(org, server, row: Row):
    server.then(*[says(row.status, row.body)] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    (kept,) = refusal_kept(caught.value)
    assert (kept["code"], kept["family"]) == (row.code, row.family.value)
    html = page_of(view_of([kept]))
    assert ("Open in Setup" in html) is bool(row.setup)


OLD = {
    "code": "REQUIRED_FIELD_MISSING",
    "message": "Required fields are missing: [Industry]",
    "sentence": "The org requires Industry.",
    "who": "your Salesforce administrator",
    "where": "Setup → Object Manager",
    "fields": ["Industry"],
}


def test_an_error_kept_before_there_were_places_in_setup_is_shown_without_one():
    html = page_of(view_of([OLD]))
    assert "The org requires Industry." in html
    assert "Open in Setup" not in html


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/lightning/setup/Flows/home",
        "//evil.example",
        "/secur/logout.jsp",
        "/lightning/setup/../../x",
        "/lightning/setup/Flows/home?x=1",
        '/lightning/setup/Flows/home"onclick="x',
        "javascript:alert(1)",
    ],
)
def test_only_a_place_in_setup_becomes_a_link(path):
    assert setup_url(ORG_ADDRESS, path) == ""
    assert "Open in Setup" not in page_of(view_of([{**OLD, "setup": path}]))


def test_an_error_without_words_of_salesforce_shows_no_empty_quotes(org, server):
    server.then(*[says(503, None)] * 3)
    with pytest.raises(SalesforceError) as caught:
        org.limits()
    html = page_of(view_of(refusal_kept(caught.value)))
    assert "“”" not in html
    assert "Salesforce refused it" in html


@pytest.mark.django_db
def test_the_review_page_leads_into_the_setup_of_that_very_org(client, customer, admin_person):
    run = TestRunFactory(
        customer=customer,
        state=TestRun.State.REVIEW,
        sent_at=timezone.now(),
        sent_by=customer.implementation_manager,
    )
    delivery = DeliveryFactory(
        test_run=run,
        job_change=JobChangeFactory(customer=customer),
        state=Delivery.State.REFUSED,
        attempts_made=1,
    )
    setup = "/lightning/setup/ObjectManager/Lead/FieldsAndRelationships/view"
    AttemptFactory(
        delivery=delivery, outcome=Attempt.Outcome.REFUSED, errors=[{**OLD, "setup": setup}]
    )
    client.force_login(admin_person)
    html = client.get(reverse("test_run", args=[run.pk]), {"open": delivery.pk}).content.decode()
    assert f'href="{delivery.epoch.instance_url}{setup}"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("setup", ["/lightning/setup/DuplicateRules/home", None])
def test_the_list_of_exceptions_leads_there_too(customer, setup):
    delivery = DeliveryFactory(
        job_change=JobChangeFactory(customer=customer),
        state=Delivery.State.REFUSED,
        attempts_made=1,
    )
    # Rows of before there were places in Setup know nothing of them.
    error = OLD if setup is None else {**OLD, "setup": setup}
    AttemptFactory(delivery=delivery, outcome=Attempt.Outcome.REFUSED, errors=[error])
    rows = delivery_exception_rows([delivery])
    page = Paginator(rows, 25).page(1)
    html = render_to_string("portal/go_live/_exceptions.html", {"rows": rows, "page": page})
    assert "The org requires Industry." in html
    if setup:
        assert f'href="{delivery.epoch.instance_url}{setup}"' in html
    assert ("Open in Setup" in html) is bool(setup)
