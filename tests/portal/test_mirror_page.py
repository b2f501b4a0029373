"""The page of both orgs side by side, for the customer and for the manager's desk."""

import datetime

import pytest
from django.urls import reverse

from accounts.models import Path
from integrations.models import CheckRun, Snapshot
from integrations.snapshots.difference import Grade
from portal.models import Waiver
from tests.factories import CheckRunFactory
from tests.portal.mirrors import BLOCKING, COSMETIC, baseline, compared, difference, snapshot
from tests.portal.situations import LATER, connect, production_connect, sandbox_approved

pytestmark = pytest.mark.django_db

CHANGED = difference()
RIGHT = "Page layouts: the integration user lacks “View Setup and Configuration” in production."


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def read(client):
    """The page's text as somebody reads it."""

    def page(person, **query):
        client.force_login(person)
        return client.get(reverse("mirror"), query).content.decode()

    return page


def subject(found, *, drift=False):
    return f"{'drift' if drift else 'difference'}:{found.kind}:{found.key}"


def form(found, reason="We know."):
    return {"point": subject(found), "seen": found.hash, "reason": reason}


class TestWhatItSays:
    def test_before_the_sandbox_test_is_approved_it_says_when_it_opens(
        self, read, customer, admin_person
    ):
        connect(customer)
        assert "Opens with the approved sandbox test" in read(admin_person)

    def test_a_customer_without_a_sandbox_has_no_such_page(self, client, customer, admin_person):
        customer.path = Path.PRODUCTION_ONLY
        customer.save()
        client.force_login(admin_person)
        assert client.get(reverse("mirror")).status_code == 404
        assert client.post(reverse("mirror_compare")).status_code == 404

    def test_the_six_parts_come_in_the_order_of_the_guide(self, read, customer, admin_person):
        compared(customer)
        text = read(admin_person)
        parts = [
            "1. Custom fields",
            "2. Dynamic page layouts",
            "3. Lead conversion mapping",
            "4. Campaign IDs",
            "5. Related lists",
            "6. User permissions",
        ]
        places = [text.index(part) for part in parts]
        assert places == sorted(places)
        assert text.index("Alike in both orgs") < places[0]

    def test_a_difference_is_said_with_what_it_does_and_what_to_do(
        self, read, customer, admin_person
    ):
        compared(customer, BLOCKING, CHANGED)
        text = read(admin_person)
        assert "Industry is required in production, not in the sandbox." in text
        assert "Blocks delivery" in text
        assert "Changes the result" in text
        assert "As administrator: Put the field into the change set." in text
        assert "2 differences to look at" in text

    def test_it_leads_to_the_place_in_production_s_setup(self, read, customer, admin_person):
        comparison = compared(customer, CHANGED)
        host = comparison.production.epoch.instance_url
        place = "/lightning/setup/ObjectManager/Lead/FieldsAndRelationships/view"
        assert f'href="{host}{place}"' in read(admin_person)

    def test_what_needs_nobody_is_folded(self, read, customer, admin_person):
        compared(customer, COSMETIC)
        text = read(admin_person)
        assert "1 difference that needs nobody" in text
        assert "Nothing that matters differs" in text

    def test_of_very_many_each_part_shows_a_few_and_leads_to_the_rest(
        self, client, customer, admin_person
    ):
        compared(customer, *[difference(f"Lead.Field{n}__c:missing") for n in range(25)])
        client.force_login(admin_person)
        few = client.get(reverse("mirror")).content
        assert few.count(CHANGED.sentence.encode()) == 3
        assert b"Show 22 more" in few
        more = client.get(reverse("mirror"), {"show": "custom_fields:3"}).content
        assert more.count(CHANGED.sentence.encode()) == 10
        assert b"Show 12 more" in more
        last = client.get(reverse("mirror"), {"show": "custom_fields:15"}).content
        assert last.count(CHANGED.sentence.encode()) == 10
        assert b"more</a>" not in last
        assert max(len(few), len(more), len(last)) < 40_000

    def test_hundreds_of_differences_keep_the_page_small(self, client, customer, admin_person):
        many = [
            difference(f"Lead.Field{n}__c:missing", sentence=f"Field {n} <script> is missing.")
            for n in range(300)
        ]
        alike = [difference(f"Lead.Help{n}__c:different", Grade.COSMETIC) for n in range(300)]
        compared(customer, *many, *alike, drift=many)
        client.force_login(admin_person)
        far = "difference:custom_fields:Lead.Field250__c:missing"
        for asked in ({}, {"show": "custom_fields"}, {"show": "drift:290"}, {"point": far}):
            page = client.get(reverse("mirror"), asked).content
            assert b"<script> is" not in page
            assert len(page) < 40_000, asked
        assert b"Field 250 " in page
        for odd in (
            "custom_fields:-1",
            "custom_fields:99999",
            "custom_fields:²",
            "x:" + "9" * 5000,
        ):
            assert client.get(reverse("mirror"), {"show": odd}).status_code == 200

    def test_both_sides_say_when_they_were_asked(self, read, customer, admin_person):
        comparison = compared(customer)
        Snapshot.objects.filter(pk=comparison.production_id).update(taken_at=LATER)
        text = read(admin_person)
        assert "18 Nov, 14:02" in text
        assert "19 Nov, 09:00" in text

    def test_an_old_comparison_says_so(self, read, customer, admin_person, time_machine):
        compared(customer)
        time_machine.move_to(LATER + datetime.timedelta(days=3), tick=False)
        assert "This is more than a day old" in read(admin_person)

    def test_what_cannot_be_compared_names_the_right(self, read, customer, admin_person):
        compared(customer, unknown={"page_layouts": RIGHT})
        text = read(admin_person)
        assert RIGHT in text
        assert "Cannot be compared" in text

    def test_changes_of_the_sandbox_have_their_own_place(self, read, customer, admin_person):
        compared(customer, drift=[CHANGED])
        assert "Changed in the sandbox since it was tested" in read(admin_person)

    @pytest.mark.parametrize(
        ("drift", "words"),
        [
            ([], "unchanged when it was asked again 19 Nov, 09:00"),
            ([CHANGED], "changed since, asked again 19 Nov, 09:00"),
        ],
    )
    def test_the_sandbox_says_when_it_was_last_asked_again(
        self, read, customer, admin_person, drift, words
    ):
        comparison = compared(customer, drift=drift)
        comparison.sandbox = snapshot(comparison.baseline.epoch, at=LATER)
        comparison.save()
        assert words in read(admin_person)

    def test_what_came_up_later_is_marked_as_new(self, read, customer, admin_person):
        early = LATER - datetime.timedelta(days=5)
        comparison = compared(customer, CHANGED, BLOCKING, since=early, settled_at=early)
        comparison.differences[0]["since"] = LATER.isoformat()
        comparison.save()
        text = read(admin_person)
        assert "1 of them has come up since the orgs matched." in text
        assert text.count('<span class="chip wait">') == 1

    def test_without_a_comparison_it_says_what_is_missing(self, read, customer, admin_person):
        baseline(sandbox_approved(customer).epoch)
        text = read(admin_person)
        assert "Not compared yet" in text
        assert "Production is not connected yet." in text

    def test_an_org_that_did_not_answer_says_why(self, read, customer, admin_person):
        comparison = compared(customer)
        CheckRunFactory(
            epoch=comparison.production.epoch, state="failed", error="No answer for a minute."
        )
        text = read(admin_person)
        assert "Production did not answer the last time." in text
        assert "No answer for a minute." in text

    def test_while_an_org_is_asked_the_page_asks_again_until_it_is_not(
        self, client, customer, admin_person
    ):
        comparison = compared(customer)
        run = CheckRunFactory(epoch=comparison.production.epoch, state="running")
        client.force_login(admin_person)
        fragment = client.get(reverse("mirror_list")).content.decode()
        assert f'hx-get="{reverse("mirror_list")}"' in fragment
        assert "<html" not in fragment
        CheckRun.objects.filter(pk=run.pk).update(state="ended", ended_at=LATER)
        assert "hx-get" not in client.get(reverse("mirror_list")).content.decode()

    def test_the_page_asks_no_org(self, read, customer, admin_person):
        compared(customer, CHANGED)
        read(admin_person)
        assert not CheckRun.objects.exists()


class TestActing:
    def test_anybody_of_the_customer_has_both_compared_again(self, client, customer, reviewer):
        compared(customer)
        client.force_login(reviewer)
        assert client.post(reverse("mirror_compare")).url == reverse("mirror")
        assert CheckRun.objects.count() == 2

    def test_an_admin_opens_the_form_of_one_difference(self, read, customer, admin_person):
        compared(customer, CHANGED, BLOCKING)
        assert 'name="reason"' not in read(admin_person)
        assert 'name="reason"' in read(admin_person, point=subject(CHANGED))
        assert 'name="reason"' not in read(admin_person, point=subject(BLOCKING))

    def test_accepting_shows_who_and_why(self, client, read, customer, admin_person):
        compared(customer, CHANGED)
        client.force_login(admin_person)
        client.post(reverse("mirror_accept"), form(CHANGED, "Sales does not use it."))
        assert "Accepted by Priya Shah: Sales does not use it." in read(admin_person)

    def test_without_a_reason_it_says_so_and_keeps_the_form_open(
        self, client, customer, admin_person
    ):
        compared(customer, CHANGED)
        client.force_login(admin_person)
        answer = client.post(reverse("mirror_accept"), form(CHANGED, " "))
        assert answer.status_code == 422
        assert "Say why it may stay as it is." in answer.content.decode()
        assert not Waiver.objects.exists()

    def test_what_blocks_is_refused_in_words(self, client, customer, admin_person):
        compared(customer, BLOCKING)
        client.force_login(admin_person)
        answer = client.post(reverse("mirror_accept"), form(BLOCKING))
        assert answer.status_code == 422
        assert not Waiver.objects.exists()

    def test_a_reviewer_may_not(self, client, customer, reviewer):
        compared(customer, CHANGED)
        client.force_login(reviewer)
        assert client.post(reverse("mirror_accept"), form(CHANGED)).status_code == 403

    def test_an_admin_takes_it_back(self, client, read, customer, admin_person):
        compared(customer, CHANGED)
        client.force_login(admin_person)
        client.post(reverse("mirror_accept"), form(CHANGED))
        client.post(reverse("mirror_withdraw"), {"point": subject(CHANGED)})
        assert "Accepted by" not in read(admin_person)

    def test_one_that_changed_since_says_who_had_let_the_old_one_be(
        self, client, read, customer, admin_person
    ):
        comparison = compared(customer, CHANGED)
        client.force_login(admin_person)
        client.post(reverse("mirror_accept"), form(CHANGED, "Fine."))
        comparison.differences = [difference(now="text 40").as_json()]
        comparison.save()
        assert "Priya Shah had let it be (“Fine.”); it is another difference since." in (
            read(admin_person)
        )


class TestStepOnTheSetupPage:
    def test_it_tells_what_is_open_and_leads_to_the_page(self, client, customer, admin_person):
        compared(customer, CHANGED)
        client.force_login(admin_person)
        text = client.get(reverse("setup") + "?step=production.mirror").content.decode()
        assert CHANGED.sentence in text
        assert f'href="{reverse("mirror")}"' in text

    def test_an_org_that_did_not_answer_is_asked_again_from_there(
        self, client, customer, admin_person
    ):
        baseline(sandbox_approved(customer).epoch)
        CheckRunFactory(epoch=production_connect(customer).epoch, state="failed", error="No.")
        client.force_login(admin_person)
        text = client.get(reverse("setup") + "?step=production.mirror").content.decode()
        assert f'action="{reverse("mirror_compare")}"' in text
        assert "Confirm this step" in text

    def test_while_it_is_asked_nobody_is_asked_to_confirm(self, client, customer, admin_person):
        baseline(sandbox_approved(customer).epoch)
        CheckRunFactory(epoch=production_connect(customer).epoch, state="running")
        client.force_login(admin_person)
        text = client.get(reverse("setup") + "?step=production.mirror").content.decode()
        assert "Confirm this step" not in text

    def test_what_cannot_be_compared_is_confirmed_there(self, client, customer, admin_person):
        compared(customer, unknown={"page_layouts": RIGHT})
        client.force_login(admin_person)
        text = client.get(reverse("setup") + "?step=production.mirror").content.decode()
        assert "Confirm this step" in text

    def test_what_is_alike_is_not_confirmed_by_hand(self, client, customer, admin_person):
        compared(customer)
        client.force_login(admin_person)
        text = client.get(reverse("setup") + "?step=production.mirror").content.decode()
        assert "Both orgs said so themselves." in text
        assert "Confirm this step" not in text


class TestDesk:
    def test_the_customer_s_page_shows_what_is_open(self, client, customer, manager):
        compared(customer, BLOCKING)
        client.force_login(manager)
        page = client.get(reverse("admin:accounts_customer_change", args=[customer.pk]))
        text = page.content.decode()
        assert BLOCKING.sentence in text
        assert reverse("admin:accounts_customer_mirror", args=[customer.pk]) in text

    def test_the_manager_waives_what_blocks_delivery(self, client, customer, manager):
        compared(customer, BLOCKING)
        client.force_login(manager)
        page = reverse("admin:accounts_customer_mirror", args=[customer.pk])
        opened = client.get(page, {"point": subject(BLOCKING)}).content.decode()
        assert 'value="waive"' in opened
        answer = client.post(
            reverse("admin:accounts_customer_mirror_waive", args=[customer.pk]),
            form(BLOCKING, "A flow fills it.") | {"lever": "waive"},
        )
        assert answer.url == page
        assert "Waived by Maya Rao: A flow fills it." in client.get(page).content.decode()

    def test_and_opens_it_again(self, client, customer, manager):
        compared(customer, BLOCKING)
        client.force_login(manager)
        args = [customer.pk]
        client.post(
            reverse("admin:accounts_customer_mirror_waive", args=args),
            form(BLOCKING) | {"lever": "waive"},
        )
        client.post(
            reverse("admin:accounts_customer_mirror_reopen", args=args),
            {"point": subject(BLOCKING)},
        )
        assert not Waiver.objects.filter(withdrawn_at=None).exists()

    def test_without_a_reason_the_form_says_so(self, client, customer, manager):
        compared(customer, BLOCKING)
        client.force_login(manager)
        answer = client.post(
            reverse("admin:accounts_customer_mirror_waive", args=[customer.pk]),
            form(BLOCKING, "") | {"lever": "waive"},
        )
        assert answer.status_code == 422
        assert "Say why it may stay as it is." in answer.content.decode()

    def test_the_manager_has_both_compared_again(self, client, customer, manager):
        compared(customer)
        client.force_login(manager)
        client.post(reverse("admin:accounts_customer_mirror_compare", args=[customer.pk]))
        assert CheckRun.objects.filter(asked_by=manager).count() == 2

    def test_before_the_approval_the_customer_s_page_shows_nothing_of_it(
        self, client, customer, manager
    ):
        production_connect(customer)
        client.force_login(manager)
        page = client.get(reverse("admin:accounts_customer_change", args=[customer.pk]))
        assert "Production and the tested sandbox" not in page.content.decode()
