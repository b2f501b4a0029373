"""What the people of a customer do about the checks of an org: ask again, accept, confirm."""

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.checks.base import Item
from integrations.models import CheckRun, Health
from portal.models import Waiver
from tests.factories import (
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
)
from tests.portal.checks_world import PRIVATE, SANDBOX, TITLE, words

pytestmark = pytest.mark.django_db


# Asking again --------------------------------------------------------------------------------


def ask(browser, **data):
    return browser.post("/checks/sandbox/run/", data)


def test_anybody_of_the_customer_has_the_org_asked_again(
    connected, reviewer, signed_in, woken, django_capture_on_commit_callbacks
):
    CheckRun.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(signed_in(reviewer))
    run = CheckRun.objects.get()
    assert (run.state, run.names, run.asked_by) == (CheckRun.State.WAITING, [], reviewer)
    assert answer["Location"] == "/checks/sandbox/"
    assert woken == [run.pk]


def test_one_check_alone_is_asked_again(connected, admin_person, signed_in):
    CheckRun.objects.all().delete()
    answer = ask(signed_in(admin_person), name="owners")
    assert CheckRun.objects.get().names == ["owners"]
    assert answer["Location"] == "/checks/sandbox/#check-owners"


def test_a_step_has_its_own_checks_asked_and_leads_back_to_it(connected, admin_person, signed_in):
    CheckRun.objects.all().delete()
    answer = ask(signed_in(admin_person), step="layouts")
    assert CheckRun.objects.get().names == ["lightning_pages", "page_layouts", "related_lists"]
    assert answer["Location"] == "/?step=sandbox.layouts#step-sandbox-layouts"


def test_a_second_press_in_a_moment_says_that_the_answer_is_there(
    connected, admin_person, signed_in
):
    browser = signed_in(admin_person)
    ask(browser)
    assert "asked a moment ago" in words(browser.get(SANDBOX))
    assert CheckRun.objects.count() == 1


def test_an_org_that_is_lost_is_not_asked(connected, admin_person, signed_in):
    connected.health = Health.DISCONNECTED
    connected.save(update_fields=["health"])
    CheckRun.objects.all().delete()
    browser = signed_in(admin_person)
    ask(browser)
    assert "so it cannot be asked" in words(browser.get(SANDBOX))
    assert not CheckRun.objects.exists()


@pytest.mark.parametrize("data", [{"name": "nothing"}, {"step": "nothing"}])
def test_what_does_not_exist_is_not_asked(connected, admin_person, signed_in, data):
    assert ask(signed_in(admin_person), **data).status_code == 404


def test_a_path_without_a_sandbox_has_no_checks_of_one(customer, admin_person, signed_in):
    customer.path = "production_only"
    customer.save(update_fields=["path"])
    assert signed_in(admin_person).get(SANDBOX).status_code == 404


# Accepting -----------------------------------------------------------------------------------


def accept(browser, **data):
    return browser.post("/checks/sandbox/accept/", data)


SUBJECT = "check:record_sharing:Lead"


def test_an_admin_accepts_a_warning_with_a_reason_that_stands_there(
    found, admin_person, reviewer, signed_in, read
):
    found(record_sharing=[PRIVATE])
    accept(signed_in(admin_person), point=SUBJECT, reason="Our reps share everything by hand.")
    for person in (admin_person, reviewer):
        shown = read(person)
        assert "Everything is right" in shown
        assert "Accepted by Priya Shah" in shown
        assert "Our reps share everything by hand." in shown


def test_an_acceptance_is_taken_back(found, admin_person, signed_in, read):
    found(record_sharing=[PRIVATE])
    browser = signed_in(admin_person)
    accept(browser, point=SUBJECT, reason="All of ours are.")
    assert "Take it back" in words(browser.get(SANDBOX))
    accept(browser, withdraw=SUBJECT)
    assert "Nothing to fix, 1 thing to look at" in read(admin_person)


def test_without_a_reason_the_form_says_so_at_the_field(found, admin_person, signed_in):
    found(record_sharing=[PRIVATE])
    answer = accept(signed_in(admin_person), point=SUBJECT, reason="  ")
    assert answer.status_code == 422
    assert "Say why it may stay like this." in words(answer)
    assert not Waiver.objects.exists()


def test_a_failure_is_not_accepted_by_the_customer(found, admin_person, signed_in):
    found(field_access=[TITLE])
    browser = signed_in(admin_person)
    page = browser.get(SANDBOX).content.decode()
    assert "Accept it" not in page
    accept(browser, point=f"check:field_access:{TITLE.key}", reason="We do not care.")
    assert not Waiver.objects.exists()


def test_a_point_that_is_gone_meanwhile_is_told(found, admin_person, signed_in):
    found()
    browser = signed_in(admin_person)
    accept(browser, point=SUBJECT, reason="All of ours are.")
    assert "That point is no longer there" in words(browser.get(SANDBOX))


def test_reviewers_read_and_ask_but_accept_nothing(found, reviewer, read, signed_in):
    found(record_sharing=[PRIVATE])
    shown = read(reviewer)
    assert "Accept it" not in shown
    assert "Send these to a colleague" not in shown
    assert "An admin of your company can accept" in shown
    assert accept(signed_in(reviewer), point=SUBJECT, reason="x").status_code == 403


# The step ------------------------------------------------------------------------------------


def step(person, signed_in, name="permissions"):
    return words(signed_in(person).get(f"/?step=sandbox.{name}"))


def test_the_step_lists_bad_points_first_and_folds_what_is_right(found, admin_person, signed_in):
    found(record_sharing=[PRIVATE], field_access=[TITLE])
    shown = step(admin_person, signed_in)
    assert shown.index(TITLE.fix) < shown.index(PRIVATE.sentence)
    assert "6 of 8 checks have nothing open" in shown
    assert "with 12 API calls" in shown
    assert "Send these to a colleague" in shown


def test_the_step_of_an_org_never_asked_has_one_button(customer, admin_person, signed_in):
    ConnectionFactory(customer=customer)
    shown = step(admin_person, signed_in)
    assert "The org has not been asked yet" in shown
    assert "Check the org" in shown


def test_what_cannot_be_asked_may_be_confirmed_by_hand_in_the_step(found, admin_person, signed_in):
    found(page_layouts="cannot", lightning_pages="cannot", related_lists="cannot")
    shown = step(admin_person, signed_in, "layouts")
    assert "Not everything here can be asked" in shown
    assert "Confirm this step" in shown


def test_nobody_confirms_by_hand_what_the_org_answers(found, admin_person, signed_in):
    found(field_access=[TITLE])
    assert "Confirm this step" not in step(admin_person, signed_in)


def test_the_list_of_permissions_is_the_customers_version(customer, epoch, admin_person, signed_in):
    customer.permission_list = "V1"
    customer.save(update_fields=["permission_list"])
    assert "V1, the first list" in step(admin_person, signed_in)


# Who ------------------------------------------------------------------------------------------


def test_a_stranger_sees_their_own_org_only(found, stranger, signed_in):
    found(field_access=[TITLE])
    page = words(signed_in(stranger).get(SANDBOX))
    assert "This org is not connected yet" in page
    assert "Northwind" not in page


def test_the_pages_work_without_script(found, admin_person, signed_in):
    found(record_sharing=[PRIVATE], field_access=[TITLE])
    page = signed_in(admin_person).get(SANDBOX).content.decode()
    assert "onclick" not in page
    assert 'style="' not in page
    assert f'action="{reverse("org_checks_run", args=["sandbox"])}"' in page


def test_addresses_that_are_not_masked_stand_in_the_step_before_the_first_send(
    found, epoch, customer, admin_person, signed_in
):
    OutputSettingsFactory(customer=customer)
    EnvironmentSettingsFactory(
        customer=customer, validated_org_id=epoch.org_id, validated_at=timezone.now()
    )
    found(unmasked_emails=[Item("Lead", "warning", "942 of 942 leads have a real address.")])
    assert "942 of 942 leads have a real address." in step(admin_person, signed_in, "test")
