"""Freezing and signing the go-live summary: who, when, in which order."""

import datetime

import pytest
from django.utils import timezone

from accounts.hashing import content_hash
from accounts.models import Membership, Path, Role
from jobchanges.models import Side
from portal.models import Signature, Summary
from portal.signoff import services
from portal.signoff.errors import SignOffError
from portal.signoff.forecasting import signed_content
from portal.signoff.selectors import sign_off_view
from portal.signoff.types import SignOffState
from tests.factories import CustomerFactory, LeadFactory, MembershipFactory, TestRunFactory
from tests.portal.signing import (
    PRODUCTION,
    foretold,
    frozen,
    member,
    production_done,
    run_approved,
    sign,
    signed,
)

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    return customer


def test_a_tested_production_can_be_frozen(northwind, admin_person):
    assert sign_off_view(northwind, person=admin_person).state == SignOffState.CAN_FREEZE

    summary = services.summary_freeze(customer=northwind, by=admin_person)

    assert northwind.events.get(action="sign_off.frozen").data == {
        "summary": summary.pk,
        "content_hash": content_hash(summary.content),
    }
    assert sign_off_view(northwind, person=admin_person).state == SignOffState.PREPARING


def test_a_production_only_customer_is_frozen_without_a_sandbox(manager):
    company = CustomerFactory(path=Path.PRODUCTION_ONLY, implementation_manager=manager)
    admin = member(company, Role.ADMIN)
    production_done(company, admin)

    summary = frozen(company, admin)

    assert set(summary.content["tests"]) == {"production"}
    titles = [section.title for section in sign_off_view(company, person=admin).sections]
    assert "Production is set up" in titles


def test_what_is_not_done_is_said_before_freezing(northwind, admin_person):
    northwind.people_source.delete()
    northwind.confirmations.filter(step="production.mirror").update(withdrawn_at=timezone.now())

    view = sign_off_view(northwind, person=admin_person)

    assert view.state == SignOffState.LOCKED
    assert view.blocked_by == [
        "“Match production to the tested sandbox” is not done yet.",
        "“Say where your list of people comes from” is not done yet.",
    ]
    with pytest.raises(SignOffError, match="Match production"):
        services.summary_freeze(customer=northwind, by=admin_person)


def test_an_open_production_test_comes_first(northwind, admin_person):
    epoch = northwind.connections.get(environment=PRODUCTION).epoch
    TestRunFactory(customer=northwind, environment=PRODUCTION, epoch=epoch, number=2)

    with pytest.raises(SignOffError, match="Test 2 in production is still open"):
        services.summary_freeze(customer=northwind, by=admin_person)


def test_a_lost_connection_is_mended_before_freezing(northwind, admin_person):
    northwind.connections.filter(environment=PRODUCTION).update(health="needs_reconnecting")

    with pytest.raises(SignOffError, match="needs reconnecting"):
        services.summary_freeze(customer=northwind, by=admin_person)


def test_freezing_again_replaces_what_nobody_signed(northwind, admin_person, manager):
    first = frozen(northwind, admin_person)

    second = frozen(northwind, manager)

    assert Summary.objects.get(voided_at=None) == second
    first.refresh_from_db()
    assert first.voided_by == manager
    assert not sign_off_view(northwind, person=manager).differences


def test_a_signed_summary_is_taken_back_before_another_is_frozen(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    sign(summary, "customer", admin_person)

    with pytest.raises(SignOffError, match="signed already"):
        services.summary_freeze(customer=northwind, by=admin_person)
    assert services.summary_withdraw(summary=summary, by=admin_person)
    assert services.summary_freeze(customer=northwind, by=admin_person)


def test_the_forecast_is_there_before_anybody_signs(northwind, admin_person):
    summary = services.summary_freeze(customer=northwind, by=admin_person)

    with pytest.raises(SignOffError, match="forecast is still being made"):
        sign(summary, "customer", admin_person)


@pytest.mark.parametrize("order", [("customer", "vendor"), ("vendor", "customer")])
def test_two_people_sign_in_whatever_order(northwind, admin_person, manager, order):
    summary = frozen(northwind, admin_person)
    people = {"customer": admin_person, "vendor": manager}

    sign(summary, order[0], people[order[0]])
    assert sign_off_view(northwind, person=manager).state == SignOffState.SIGNED_BY_ONE
    sign(summary, order[1], people[order[1]])

    assert sign_off_view(northwind, person=manager).state == SignOffState.SIGNED
    assert {one.signed_hash for one in summary.signatures.all()} == {
        content_hash(signed_content(Summary.objects.get(pk=summary.pk)))
    }


@pytest.mark.parametrize(
    ("who", "side", "sentence"),
    [
        ("admin", "customer", ""),
        ("approver", "customer", ""),
        ("reviewer", "customer", "An admin or approver"),
        ("left", "customer", "An admin or approver"),
        ("stranger", "customer", "An admin or approver"),
        ("manager", "customer", "An admin or approver"),
        ("manager", "vendor", ""),
        ("lead", "vendor", ""),
        ("other_manager", "vendor", "Only the customer’s implementation manager"),
        ("admin", "vendor", "Only the customer’s implementation manager"),
        ("staff_and_member", "vendor", "You belong to the customer, too"),
    ],
)
def test_only_those_who_may_sign_for_a_side(
    northwind,
    admin_person,
    reviewer,
    approver,
    stranger,
    manager,
    other_manager,
    who,
    side,
    sentence,
):
    left = member(northwind, Role.ADMIN)
    Membership.objects.filter(user=left).update(left_at=timezone.now())
    both = LeadFactory()
    MembershipFactory(customer=northwind, user=both, role=Role.ADMIN)
    people = {
        "admin": admin_person,
        "approver": approver,
        "reviewer": reviewer,
        "left": left,
        "stranger": stranger,
        "manager": manager,
        "other_manager": other_manager,
        "lead": LeadFactory(),
        "staff_and_member": both,
    }
    summary = frozen(northwind, admin_person)

    if sentence:
        with pytest.raises(SignOffError, match=sentence):
            sign(summary, side, people[who])
        assert not Signature.objects.exists()
    else:
        assert sign(summary, side, people[who]).by == people[who]


def test_a_person_who_changed_sides_does_not_sign_for_both(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    sign(summary, "customer", admin_person)
    Membership.objects.filter(user=admin_person).update(left_at=timezone.now())
    admin_person.is_staff = admin_person.is_superuser = True
    admin_person.save()

    with pytest.raises(SignOffError, match="two different people"):
        sign(summary, "vendor", admin_person)


@pytest.mark.parametrize("side", ["customer", "vendor"])
def test_rule_1_staff_who_belong_to_the_customer_sign_for_neither_side(
    northwind, admin_person, manager, side
):
    """One person with two hats: neither the customer's word nor ours is theirs to give."""
    summary = frozen(northwind, admin_person)
    MembershipFactory(customer=northwind, user=manager, role=Role.ADMIN)

    with pytest.raises(SignOffError, match=r"An admin or approver|You belong to the customer"):
        sign(summary, side, manager)
    assert not summary.signatures.exists()


def test_who_was_switched_off_signs_nothing(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    admin_person.is_active = False
    admin_person.save(update_fields=["is_active"])

    with pytest.raises(SignOffError, match="An admin or approver"):
        sign(summary, "customer", admin_person)


def test_a_side_signs_once(northwind, admin_person, approver):
    summary = frozen(northwind, admin_person)
    sign(summary, "customer", admin_person)

    with pytest.raises(SignOffError, match="Priya Shah signed for your side already"):
        sign(summary, "customer", approver)


def test_a_page_that_is_out_of_date_is_read_again(northwind, admin_person):
    summary = frozen(northwind, admin_person)

    with pytest.raises(SignOffError, match="changed since you opened the page"):
        sign(summary, "customer", admin_person, seen_hash="0" * 64)


def test_what_the_signature_means_has_to_be_accepted(northwind, admin_person):
    with pytest.raises(SignOffError, match="what your signature means"):
        sign(frozen(northwind, admin_person), "customer", admin_person, accepted=False)


def test_a_signature_says_who_when_where_and_what_it_means(northwind, admin_person):
    summary = frozen(northwind, admin_person)

    given = sign(summary, "customer", admin_person, address="203.0.113.7", browser="Firefox 130")

    assert (given.name, given.email, given.role) == (
        "Priya Shah",
        "priya.shah@northwind.example",
        "Admin, Northwind Traders",
    )
    assert given.meaning.startswith("For Northwind Traders I confirm that I have read this")
    assert (given.address, given.browser) == ("203.0.113.7", "Firefox 130")
    event = northwind.events.get(action="sign_off.signed")
    assert event.data["signature_hash"] == content_hash(services.signature_content(given))


def test_the_event_of_a_signature_names_nobody(northwind, admin_person):
    sign(frozen(northwind, admin_person), "customer", admin_person)

    data = str(northwind.events.get(action="sign_off.signed").data)
    assert "Priya" not in data
    assert "northwind.example" not in data


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (-HOUR, None, "start lies in the past"),
        (2 * HOUR, HOUR, "lies before the first"),
        (HOUR, HOUR, "lies before the first"),
        (HOUR, datetime.timedelta(days=62), "at most 60 days"),
    ],
)
def test_an_impossible_window_is_refused(northwind, admin_person, start, end, sentence):
    now = timezone.now()
    summary = frozen(northwind, admin_person)

    with pytest.raises(SignOffError, match=sentence):
        sign(
            summary,
            "customer",
            admin_person,
            starts_at=now + start,
            ends_at=now + end if end else None,
        )


def test_the_window_is_a_week_unless_chosen(northwind, admin_person, manager):
    summary = frozen(northwind, admin_person)
    start = timezone.now() + HOUR

    given = sign(summary, "customer", admin_person, starts_at=start)
    ours = sign(summary, "vendor", manager, starts_at=start)

    assert given.ends_at == start + datetime.timedelta(days=7)
    assert (ours.starts_at, ours.ends_at) == (None, None)


def test_a_start_of_a_moment_ago_is_taken(northwind, admin_person):
    start = timezone.now() - datetime.timedelta(seconds=50)

    assert sign(frozen(northwind, admin_person), "customer", admin_person, starts_at=start)


def test_a_signature_stands_when_its_person_leaves(northwind, admin_person, manager):
    summary = signed(northwind, admin_person)
    Membership.objects.filter(user=admin_person).update(left_at=timezone.now())

    assert services.summary_check(northwind) == summary
    assert sign_off_view(northwind, person=manager).state == SignOffState.SIGNED


def test_a_withdrawn_summary_keeps_its_signatures_and_opens_the_way(northwind, admin_person):
    summary = signed(northwind, admin_person)

    services.summary_withdraw(summary=summary, by=admin_person)

    assert summary.signatures.count() == 2
    view = sign_off_view(northwind, person=admin_person)
    assert (view.state, view.voided) == (SignOffState.CAN_FREEZE, summary)
    with pytest.raises(SignOffError, match="This summary ended"):
        sign(summary, "customer", admin_person)


def test_reviewers_read_and_do_not_freeze_or_take_back(northwind, admin_person, reviewer):
    with pytest.raises(SignOffError, match="An admin, an approver"):
        services.summary_freeze(customer=northwind, by=reviewer)
    summary = frozen(northwind, admin_person)
    with pytest.raises(SignOffError, match="An admin, an approver"):
        services.summary_withdraw(summary=summary, by=reviewer)

    view = sign_off_view(northwind, person=reviewer)
    assert not view.may_sign
    assert view.why_not_sign.startswith("An admin or approver of your company signs.")


def test_the_page_says_what_the_first_batch_will_do(northwind, admin_person):
    frozen(northwind, admin_person)

    sections = {one.key: one for one in sign_off_view(northwind, person=admin_person).sections}
    forecast = {row.label: row for row in sections["forecast"].rows}
    assert list(sections) == [
        "orgs",
        "settings",
        "alike",
        "answers",
        "tests",
        "people",
        "alerts",
        "forecast",
    ]
    assert forecast["Expected"].value == (
        "1,120 leads, 486 contacts, 243 enriched, 2 held, 31 new accounts"
    )
    assert forecast["API calls"].value == "about 80 of the 98,796 left in these 24 h"
    assert forecast["Duration"].value == "25 to 60 min, the first 20 alone"
    alerts = {row.label: row.value for row in sections["alerts"].rows}
    assert alerts["Owners who receive records"] == "42"
    assert alerts["Owner 0 receives"].startswith("12 ")
    assert "32 more people receive" in alerts
    assert "are off" in alerts["From UserGems"]
    assert forecast["Would be held"].note == "Two records of your org match this person."
    assert "cannot be recalled" in sections["alerts"].notice
    assert sections["tests"].rows[0].value == (
        "test 1, approved by Priya Shah and Maya Rao, 5 look right"
    )
    assert sections["alike"].title == "Production matches the sandbox you tested"


def test_a_forecast_that_fails_is_asked_for_again(northwind, admin_person, monkeypatch):
    from portal.signoff import forecasting

    def refuse(*_args):
        raise forecasting.ForecastError("The org has nearly used up its API calls.")

    summary = services.summary_freeze(customer=northwind, by=admin_person)
    with monkeypatch.context() as patch:
        patch.setattr(forecasting, "forecast_make", refuse)
        assert not forecasting.forecast_run(summary.pk)

    view = sign_off_view(northwind, person=admin_person)
    assert view.forecast_error == "The org has nearly used up its API calls."
    assert not view.polls
    assert services.forecast_ask_again(summary=summary, by=admin_person)
    assert sign_off_view(northwind, person=admin_person).polls
    assert foretold(summary).ready


def test_a_lost_wake_up_is_noticed_by_the_clock(northwind, admin_person, time_machine):
    from portal.signoff import forecasting

    time_machine.move_to(timezone.now(), tick=False)
    summary = services.summary_freeze(customer=northwind, by=admin_person)

    assert forecasting.summaries_look() == []
    time_machine.shift(forecasting.LOST_AFTER + datetime.timedelta(seconds=1))
    assert forecasting.summaries_look() == [summary.pk]
    foretold(summary)
    assert forecasting.summaries_look() == []


def test_a_second_worker_leaves_the_forecast_to_the_first(northwind, admin_person):
    from portal.signoff import forecasting

    summary = services.summary_freeze(customer=northwind, by=admin_person)
    Summary.objects.update(forecast_claimed_until=timezone.now() + HOUR)

    assert not forecasting.forecast_run(summary.pk)


@pytest.mark.parametrize("ended", ["void", "claimed", "made"])
def test_a_forecast_that_nobody_waits_for_asks_the_org_nothing(
    northwind, admin_person, monkeypatch, ended
):
    from portal.signoff import forecasting

    summary = services.summary_freeze(customer=northwind, by=admin_person)
    if ended == "made":
        foretold(summary)
    else:
        change = {"voided_at": timezone.now()}
        if ended == "claimed":
            change = {"forecast_claimed_until": timezone.now() + HOUR}
        Summary.objects.update(**change)
    asked: list[object] = []
    monkeypatch.setattr(forecasting, "forecast_make", lambda *given: asked.append(given))

    assert not forecasting.forecast_run(summary.pk)
    assert asked == []


def test_a_later_approved_test_asks_for_new_signatures(northwind, admin_person):
    signed(northwind, admin_person)
    epoch = northwind.connections.get(environment=PRODUCTION).epoch

    run_approved(northwind, admin_person, epoch, number=2)

    assert services.summary_check(northwind) is None
    view = sign_off_view(northwind, person=admin_person)
    assert "Test in production" in [one.what for one in view.differences]


def test_sides_are_the_two_of_the_reviews():
    assert set(Side.values) == {"customer", "vendor"}
