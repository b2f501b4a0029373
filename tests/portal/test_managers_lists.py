"""Every list, search, filter, page and add form of the desk opens, for the right people only."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, User
from integrations.models import OrgEpoch
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
    RecordWriteFactory,
    SignatureFactory,
    SignupLinkFactory,
    SummaryFactory,
    TestRunFactory,
    WaiverFactory,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
IDS = [model._meta.label_lower for model in MODELS]


def rows_for(customer, number=1) -> None:
    """Something in every list."""
    epoch = (
        customer.connections.get().epoch
        if customer.connections.exists()
        else ConnectionFactory(customer=customer).epoch
    )
    for _row in range(number):
        SignupLinkFactory(customer=customer)
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


@pytest.mark.parametrize("model", [model for model in MODELS if model is not User])
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
    wanted = {"manager": label in by_managers, "operator": label in {*by_managers, "accounts_user"}}
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
    address = f"{reverse('admin:accounts_event_changelist')}?customer=northwind"
    assert address in page.content.decode()
    assert browser.get(address).context["cl"].result_count == Event.objects.count()


def test_a_delivery_leads_to_its_records_in_salesforce(customer, manager, signed_in):
    rows_for(customer)
    delivery = customer.job_changes.get().deliveries.get()
    page = signed_in(manager).get(page_of(delivery)).content.decode()
    write = delivery.attempts.get().writes.get()
    assert delivery.epoch.record_url(write.record_id) in page
