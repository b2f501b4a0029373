"""Every list, search, filter, page and add form of the desk opens, for the right people only."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, User
from integrations.models import OrgEpoch
from jobchanges.models import SettingsTemplate
from portal.models import HelpText
from tests.factories import (
    AllowanceFactory,
    AttemptFactory,
    BatchFactory,
    ConfirmationFactory,
    ConnectAttemptFactory,
    ConnectionFactory,
    DeliveryFactory,
    EventFactory,
    ImportRowFactory,
    ImportRunFactory,
    JobChangeFactory,
    OutgoingMailFactory,
    RecordWriteFactory,
    SignatureFactory,
    SignupLinkFactory,
    SummaryFactory,
    TestRunFactory,
    WaiverFactory,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Of nobody in particular: every manager reads them, leads write them.
COMMON = {HelpText, SettingsTemplate}
IDS = [model._meta.label_lower for model in MODELS]


def rows_for(customer, number=1) -> None:
    """Something in every list."""
    SettingsTemplate.objects.get_or_create(name="Enterprise")
    epoch = (
        customer.connections.get().epoch
        if customer.connections.exists()
        else ConnectionFactory(customer=customer).epoch
    )
    for _row in range(number):
        SignupLinkFactory(customer=customer)
        OutgoingMailFactory(customer=customer)
        ConnectAttemptFactory(customer=customer)
        EventFactory(customer=customer)
        run = TestRunFactory(customer=customer, epoch=epoch, state="closed")
        delivery = DeliveryFactory(test_run=run, job_change=JobChangeFactory(customer=customer))
        RecordWriteFactory(attempt=AttemptFactory(delivery=delivery))
        WaiverFactory(customer=customer, step=f"sandbox.step{customer.waivers.count()}")
        ConfirmationFactory(customer=customer, step=f"sandbox.step{customer.confirmations.count()}")
        ImportRowFactory(run=ImportRunFactory(customer=customer))
        AllowanceFactory(test_run=run)
        number = customer.batches.count() + 1
        BatchFactory(customer=customer, epoch=epoch, number=number, state="ended")
        SignatureFactory(summary=SummaryFactory(customer=customer, voided_at=timezone.now()))


@pytest.fixture
def people(manager, lead, operator, staff_without_rights) -> dict[str, User]:
    return {
        "manager": manager,
        "lead": lead,
        "operator": operator,
        "nobody": staff_without_rights,
    }


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_of(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def filters_of(response) -> Iterator[str]:
    """The address of every choice of every filter of a list."""
    changelist = response.context["cl"]
    for spec in changelist.filter_specs:
        for choice in spec.choices(changelist):
            yield choice["query_string"]


@pytest.mark.parametrize("who", ["manager", "lead", "operator"])
@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_every_list_search_page_and_history_opens(model, who, people, customer, signed_in):
    rows_for(customer)
    browser = signed_in(people[who])
    if model is User and who != "operator":
        assert browser.get(list_of(model)).status_code == 403
        return
    assert browser.get(list_of(model)).status_code == 200
    assert browser.get(list_of(model), {"q": "north 'x\" %_"}).status_code == 200
    row = model._default_manager.first()
    assert row is not None
    assert browser.get(page_of(row)).status_code == 200
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    assert browser.get(reverse(f"admin:{label}_history", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_every_filter_and_order_of_every_list_opens(model, operator, customer, signed_in):
    rows_for(customer)
    browser = signed_in(operator)
    answer = browser.get(list_of(model))
    queries = set(filters_of(answer))
    queries |= {f"?o={number + 1}" for number in range(len(answer.context["cl"].list_display))}
    closed = {query for query in queries if browser.get(list_of(model) + query).status_code != 200}
    assert closed == set()


@pytest.mark.parametrize("model", sorted({*MODELS} - {User, *COMMON}, key=str))
def test_a_stranger_s_rows_are_neither_listed_nor_found(model, manager, other_customer, signed_in):
    rows_for(other_customer)
    browser = signed_in(manager)
    row = model._default_manager.first()
    page = browser.get(list_of(model))
    assert "Contoso" not in page.content.decode()
    assert browser.get(page_of(row)).status_code == 404


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_staff_without_rights_get_into_no_list(model, people, customer, signed_in):
    rows_for(customer)
    browser = signed_in(people["nobody"])
    assert browser.get(list_of(model)).status_code == 403
    row = model._default_manager.first()
    assert browser.get(page_of(row)).status_code in {403, 404}


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_nothing_is_deleted_and_no_state_is_edited_by_hand(model, operator, customer, signed_in):
    rows_for(customer)
    browser, row = signed_in(operator), model._default_manager.first()
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    delete = reverse(f"admin:{label}_delete", args=[row.pk])
    if model is not SettingsTemplate:
        assert browser.post(delete, {"post": "yes"}).status_code == 403
    if model.__name__ in {"Customer", "User"}:
        return
    before = model._default_manager.filter(pk=row.pk).values().get()
    browser.post(page_of(row), {"state": "approved", "health": "connected"})
    assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_add_forms_open_only_where_something_is_added_by_hand(
    model, manager, operator, customer, signed_in
):
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    add = reverse(f"admin:{label}_add")
    by_managers = {"accounts_customer", "jobchanges_importrun"}
    by_operators = {*by_managers, "accounts_user", "jobchanges_settingstemplate"}
    wanted = {"manager": label in by_managers, "operator": label in by_operators}
    assert (signed_in(manager).get(add).status_code == 200) == wanted["manager"]
    assert (signed_in(operator).get(add).status_code == 200) == wanted["operator"]


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_lists_take_as_many_queries_for_many_rows_as_for_few(
    model, operator, customer, signed_in, django_assert_max_num_queries
):
    browser = signed_in(operator)
    rows_for(customer, 2)
    browser.get(list_of(model))
    with django_assert_max_num_queries(40) as few:
        browser.get(list_of(model))
    rows_for(customer, 6)
    with django_assert_max_num_queries(len(few)):
        browser.get(list_of(model))


def test_every_link_on_the_desk_leads_where_its_reader_may_go(customer, manager, signed_in):
    rows_for(customer)
    # The settings page asks the org; nobody listens there.
    OrgEpoch.objects.update(instance_url="http://127.0.0.1:1")
    browser = signed_in(manager)
    pages = ["/admin/", *(list_of(model) for model in MODELS if model is not User)]
    pages += [page_of(model._default_manager.first()) for model in MODELS if model is not User]
    links = set()
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200
        links |= set(re.findall(r'href="(/admin/[^"?#]*)', answer.content.decode()))
    assert len(links) > 20
    closed = {link for link in links if browser.get(link, follow=True).status_code != 200}
    assert closed == set()


def test_the_log_of_a_customer_is_reached_from_its_page(customer, manager, signed_in):
    EventFactory(customer=customer)
    browser = signed_in(manager)
    page = browser.get(reverse("admin:accounts_customer_change", args=[customer.pk]))
    address = reverse("admin:accounts_customer_activity", args=[customer.pk])
    assert address in page.content.decode()
    assert browser.get(address).status_code == 200
    log = f"{reverse('admin:accounts_event_changelist')}?customer=northwind"
    assert browser.get(log).context["cl"].result_count == Event.objects.count()


def test_a_delivery_leads_to_its_records_in_salesforce(customer, manager, signed_in):
    rows_for(customer)
    delivery = customer.job_changes.get().deliveries.get()
    page = signed_in(manager).get(page_of(delivery)).content.decode()
    write = delivery.attempts.get().writes.get()
    assert delivery.epoch.record_url(write.record_id) in page


def test_a_mail_that_was_not_delivered_is_found_and_says_what_to_do(
    customer, other_customer, manager, signed_in
):
    """What was written stands nowhere: a mail is read by the person it is for."""
    now, browser = timezone.now(), signed_in(manager)
    refused = OutgoingMailFactory(
        customer=customer, dropped_at=now, dropped_why="refused", content={"subject": "Secret"}
    )
    retried = OutgoingMailFactory(customer=customer, problem="SMTPServerDisconnected", tries=2)
    OutgoingMailFactory(customer=customer, sent_at=now)
    OutgoingMailFactory(customer=other_customer, dropped_at=now, dropped_why="refused")
    OutgoingMailFactory(customer=None, user=other_customer.implementation_manager)
    address = list_of(type(refused))
    assert browser.get(address).context["cl"].result_count == 3
    found = browser.get(address, {"state": "failed"})
    assert [row.pk for row in found.context["cl"].result_list] == [refused.pk]
    page = found.content.decode() + browser.get(page_of(refused)).content.decode()
    assert "Not delivered" in page
    assert "refuses it. Check the address." in page
    assert "Secret" not in page
    assert "Tried again" in browser.get(address, {"state": "retried"}).content.decode()
    assert "tried again by itself" in browser.get(page_of(retried)).content.decode()


def test_a_list_is_taken_along_as_it_stands(customer, other_customer, manager, signed_in):
    SignupLinkFactory(customer=customer, person_name="=cmd()", email="priya@northwind.test")
    SignupLinkFactory(customer=customer, person_name="Sam Okafor", email="sam@northwind.test")
    SignupLinkFactory(customer=other_customer, person_name="Somebody Else")
    browser, address = signed_in(manager), reverse("admin:accounts_signuplink_changelist")
    page = browser.get(address, {"q": "northwind.test"}).content.decode()
    link = re.search(r'<a href="([^"]+)">Download as CSV</a>', page)[1].replace("&amp;", "&")
    answer = browser.get(address + link)
    assert answer["Content-Disposition"].endswith('.csv"')
    header, *lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert header.split(",")[2:5] == ["Customer", "Environment", "State"]
    assert len(lines) == 2, "only what the list shows"
    assert any(line.startswith("'=cmd(),priya@northwind.test,Northwind Traders") for line in lines)
    assert "<" not in "".join(lines)


def test_the_customers_are_taken_along_with_where_they_stand(customer, manager, signed_in):
    answer = signed_in(manager).get(reverse("admin:accounts_customer_changelist"), {"csv": "1"})
    header, line = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert header == "Name,Next step,Whose turn,Since,Planned go-live,Manager"
    assert line.startswith("Northwind Traders,")
    assert "· Sandbox," in line
    assert str(manager) in line
