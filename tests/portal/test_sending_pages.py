"""New job changes after go-live, as both sides read them and act."""

import html
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import Batch, Delivery, OutputSettings, SendingSchedule
from jobchanges.services.regular import schedules_work
from jobchanges.services.schedules import schedule_look, schedule_stop
from tests.factories import JobChangeFactory, OrgOfferFactory, org_checked
from tests.portal.live import daily, through, went_live
from tests.portal.signing import PRODUCTION
from tests.portal.test_regular_batches import DAY, MONDAY, TUESDAY_AT_SIX

pytestmark = pytest.mark.django_db
CHOSEN = {"cadence": "weekly", "weekday": "3", "hour": "18", "time_zone": "Europe/Berlin"}


@pytest.fixture
def clock():
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def live(clock, customer, admin_person):
    went_live(customer, admin_person)
    return customer


def text_of(answer) -> str:
    page = re.sub(r"<(style|script|svg)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def desk(customer, word="") -> str:
    return reverse(f"admin:accounts_customer_sending{word}", args=[customer.pk])


def released(customer, clock, at=TUESDAY_AT_SIX) -> Batch:
    clock.move_to(at)
    connection = customer.connections.get(environment=PRODUCTION)
    org_checked(connection.epoch, system_permissions="cannot")
    schedules_work(timezone.now())
    return Batch.objects.order_by("-number").first()


def test_before_go_live_it_says_what_opens_it(customer, admin_person, manager, signed_in):
    for person, address in ((admin_person, reverse("sending")), (manager, desk(customer))):
        page = text_of(signed_in(person).get(address))
        assert "This opens when the first batch is through" in page
        assert "How often" not in page


def test_an_approver_chooses_and_reads_when_the_next_batch_goes(live, approver, signed_in):
    page = text_of(signed_in(approver).get(reverse("sending")))
    assert "New job changes are not sent by themselves" in page
    page = text_of(signed_in(approver).post(reverse("sending_set"), CHOSEN, follow=True))
    assert "Saved." in page
    assert "Every Thursday at 18:00, Europe/Berlin" in page
    # Thursday, 18:00 in Berlin, in the reader's zone.
    assert "The next batch goes 26 Nov, 17:00" in page
    assert "Chosen by Ana Costa" in page


def test_what_holds_it_leads_to_the_checks_on_both_sides(live, admin_person, manager, signed_in):
    daily(live, admin_person)
    held = {"held_reason": "A check fails.", "held_turn": "customer", "held_since": timezone.now()}
    SendingSchedule.objects.update(**held)
    for person, address in ((admin_person, reverse("sending")), (manager, desk(live))):
        page = signed_in(person).get(address).content.decode()
        assert "Open the checks of production" in page
        assert "checks/production/" in page


def test_the_home_leads_to_where_the_new_summary_is_signed(live, admin_person, signed_in):
    daily(live, admin_person)
    SendingSchedule.objects.update(
        held_reason="Both sides sign the new summary.",
        held_turn="both",
        held_since=timezone.now(),
    )
    page = signed_in(admin_person).get(reverse("setup")).content.decode()
    link = f'<a href="{reverse("go_live")}">Open go-live</a>'
    assert f"Both sides sign the new summary. {link}" in page


def test_the_settings_say_that_a_change_is_signed_anew(live, admin_person, manager, signed_in):
    OrgOfferFactory(epoch=live.connections.get(environment=PRODUCTION).epoch)
    of_desk = reverse("admin:accounts_customer_settings", args=[live.pk, "production"])
    of_customer = reverse("settings") + "?environment=production"
    for person, address in ((admin_person, of_customer), (manager, of_desk)):
        page = text_of(signed_in(person).get(address))
        assert "no new ones are sent before both sides have signed a new summary" in page


def test_a_manager_chooses_for_the_customer(live, manager, signed_in):
    page = text_of(signed_in(manager).post(desk(live, "_set"), CHOSEN, follow=True))
    assert "Every Thursday at 18:00, Europe/Berlin" in page
    assert SendingSchedule.objects.get().set_by == manager


def test_what_was_typed_survives_an_error(live, admin_person, signed_in):
    answer = signed_in(admin_person).post(
        reverse("sending_set"), CHOSEN | {"cadence": "", "hour": "17"}
    )
    assert answer.status_code == 422
    assert "Choose how often." in text_of(answer)
    assert '<option value="17" selected>' in answer.content.decode()


def test_a_reviewer_reads_and_changes_nothing(live, reviewer, signed_in):
    page = text_of(signed_in(reviewer).get(reverse("sending")))
    assert "An admin or approver of your company, or UserGems, chooses and stops this." in page
    assert signed_in(reviewer).post(reverse("sending_set"), CHOSEN).status_code == 403


def test_what_waits_and_what_went_with_its_exceptions(
    live, clock, admin_person, manager, signed_in
):
    daily(live, admin_person)
    JobChangeFactory.create_batch(3, customer=live)
    page = text_of(signed_in(admin_person).get(reverse("sending")))
    assert "3 job changes wait." in page
    batch = released(live, clock)
    through(batch)
    refused = batch.deliveries.order_by("pk").first()
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED, outcome="")

    for person, address, exceptions in (
        (admin_person, reverse("sending"), reverse("go_live_exceptions")),
        (
            manager,
            desk(live),
            reverse("admin:accounts_customer_go_live_exceptions", args=[live.pk]),
        ),
    ):
        answer = signed_in(person).get(address)
        page = text_of(answer)
        assert "Nothing waits" in page
        assert "Batch 2 regular 24 Nov, 06:00 3 2 1 refused or held Sent" in page
        assert "First batch released by Maya Rao" in page
        assert f"{exceptions}?batch=2" in answer.content.decode()
        assert refused.job_change.person_name in text_of(
            signed_in(person).get(exceptions, {"batch": "2"})
        )
        assert refused.job_change.person_name not in text_of(
            signed_in(person).get(exceptions, {"batch": "1"})
        )
        assert signed_in(person).get(exceptions, {"batch": "9"}).status_code == 404
        assert signed_in(person).get(exceptions, {"batch": "x"}).status_code == 404


def test_one_of_an_earlier_batch_is_sent_again_on_the_desk(live, clock, manager, signed_in):
    daily(live, manager, side="vendor")
    first = Batch.objects.get()
    refused = first.deliveries.order_by("pk").first()
    Delivery.objects.filter(pk=refused.pk).update(state=Delivery.State.REFUSED, outcome="")
    JobChangeFactory(customer=live)
    through(released(live, clock))
    address = reverse("admin:accounts_customer_go_live_exceptions", args=[live.pk])
    page = signed_in(manager).get(address, {"batch": "1"}).content.decode()
    action = re.search(r'action="([^"]*send-again/\?batch=1)"', page).group(1)
    answer = signed_in(manager).post(action, {"delivery": refused.pk}, follow=True)
    assert "is being sent again" in text_of(answer)
    refused.refresh_from_db()
    assert (refused.state, refused.batch) == (Delivery.State.WAITING, first)


def test_an_empty_time_says_so(live, clock, admin_person, signed_in):
    daily(live, admin_person)
    released(live, clock)
    page = text_of(signed_in(admin_person).get(reverse("sending")))
    assert "24 Nov, 06:00 : nothing waited, so nothing was sent." in page
    assert "The next batch goes 25 Nov, 06:00" in page


def test_each_side_stops_with_a_reason_and_lets_it_go_on(live, admin_person, manager, signed_in):
    daily(live, admin_person)
    priya, maya = signed_in(admin_person), signed_in(manager)
    assert priya.post(reverse("sending_stop"), {"reason": ""}).status_code == 422
    page = text_of(
        priya.post(reverse("sending_stop"), {"reason": "A territory change."}, follow=True)
    )
    assert "A territory change." in page
    assert "Priya Shah, Northwind Traders, stopped the regular batches." in page
    assert "The next batch goes" not in page
    page = text_of(maya.get(desk(live)))
    assert "Only Northwind Traders can let them go on." in page
    assert "Let them go on" not in page
    maya.post(desk(live, "_go_on"))
    assert SendingSchedule.objects.get().is_stopped
    page = text_of(priya.post(reverse("sending_go_on"), follow=True))
    assert "The regular batches go on." in page
    schedule_stop(customer=live, side="vendor", by=manager, reason="Salesforce is slow.")
    assert "Maya Rao, UserGems, stopped" in text_of(priya.get(reverse("sending")))
    maya.post(desk(live, "_go_on"))
    assert not SendingSchedule.objects.get().is_stopped


def test_after_a_change_both_pages_lead_to_signing_and_speak_of_the_next_batch(
    live, admin_person, manager, signed_in
):
    daily(live, admin_person)
    OutputSettings.objects.update(lead_source="Gems")
    schedule_look(customer=live)
    page = text_of(signed_in(admin_person).get(reverse("sending")))
    assert "Nothing more is sent before both sides have signed a new summary." in page
    for person, address in (
        (admin_person, reverse("go_live")),
        (manager, reverse("admin:accounts_customer_go_live", args=[live.pk])),
    ):
        page = text_of(signed_in(person).get(address))
        assert "Prepare the summary" in page
        assert "The org is asked what the next batch would do." in page
        assert "Lead source: before “UserGems”, now “Gems”." in page
        assert "what the first batch would do" not in page
    signed_in(admin_person).post(reverse("go_live_freeze"))
    page = text_of(signed_in(admin_person).get(reverse("go_live")))
    assert "We ask the org what the next batch would do" in page


def test_the_home_of_both_sides_says_when_the_next_batch_goes(
    live, clock, admin_person, manager, signed_in
):
    home = reverse("setup")
    customer_page = reverse("admin:accounts_customer_change", args=[live.pk])
    page = text_of(signed_in(admin_person).get(home))
    assert "New job changes are not sent by themselves" in page
    daily(live, admin_person)
    for person, address in ((admin_person, home), (manager, customer_page)):
        page = text_of(signed_in(person).get(address))
        assert "The next batch goes 24 Nov, 06:00 (Every day at 06:00, UTC)" in page
    JobChangeFactory(customer=live)
    batch = released(live, clock)
    page = text_of(signed_in(admin_person).get(home))
    assert "Northwind Traders is live" in page, "a regular batch on its way changes nothing"
    Batch.objects.filter(pk=batch.pk).update(
        state=Batch.State.PAUSED, halted_side="system", halt_reason="Too many failed."
    )
    page = text_of(signed_in(admin_person).get(home))
    assert "New job changes wait" in page
    assert "Batch 2 stands still. Too many failed." in page
    assert "Northwind Traders is live" in page


def test_the_go_live_page_follows_the_last_batch(live, clock, admin_person, signed_in):
    daily(live, admin_person)
    JobChangeFactory(customer=live)
    batch = released(live, clock)
    page = text_of(signed_in(admin_person).get(reverse("go_live")))
    assert "What both sides signed" in page
    assert "Batch 2 is being sent" in page
    signed_in(admin_person).post(reverse("batch_pause"))
    batch.refresh_from_db()
    assert batch.state == Batch.State.PAUSED
    signed_in(admin_person).post(reverse("batch_go_on"))
    batch.refresh_from_db()
    assert batch.state == Batch.State.SENDING
    through(batch)
    clock.move_to(TUESDAY_AT_SIX + DAY)
    assert "Batch 2 is through" in text_of(signed_in(admin_person).get(reverse("go_live")))
