"""The setup page as the people of a customer read it."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from integrations.models import CheckRun
from portal.models import Confirmation
from portal.services import StepError, step_confirm, step_waive, step_waiver_withdraw
from tests.factories import (
    ConfirmationFactory,
    ConnectionFactory,
    EnvironmentSettingsFactory,
    OutputSettingsFactory,
    SignupLinkFactory,
    UserFactory,
    org_checked,
)

pytestmark = pytest.mark.django_db

PERMISSIONS = "sandbox.permissions"


@pytest.fixture
def connected(customer, admin_person):
    return ConnectionFactory(
        customer=customer,
        connected_by=admin_person,
        epoch__name="Northwind (full copy)",
        epoch__package_version="1.42",
    )


@pytest.fixture
def home(client):
    """Read the setup page as somebody."""

    def read(person, query=""):
        client.force_login(person)
        return client.get(reverse("setup") + query).content.decode()

    return read


class TestWhoReads:
    def test_nobody_signed_in_is_sent_to_sign_in(self, client):
        response = client.get("/")
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_request_login_code"))

    def test_staff_are_sent_to_the_managers_desk(self, client, manager):
        client.force_login(manager)
        assert client.get("/")["Location"] == reverse("admin:index")

    def test_a_person_without_a_company_reads_what_to_do(self, home):
        person = UserFactory(email="alone@nowhere.example")
        text = home(person)
        assert "Nothing to set up yet" in text
        assert "alone@nowhere.example" in text

    def test_a_person_of_another_customer_reads_nothing_of_this_one(
        self, home, connected, stranger
    ):
        text = home(stranger)
        assert "Contoso" in text
        assert "Northwind" not in text


class TestSteps:
    def test_says_where_what_is_next_and_whose_turn_it_is(self, home, admin_person):
        text = home(admin_person)
        assert "<h1>Set up Salesforce</h1>" in text
        assert "0 of 7 steps done" in text
        assert "Install the sandbox package" in text
        assert "Your turn" in text
        assert "Opens after step 2" in text
        assert "Open the install page" in text

    def test_done_steps_fold_to_one_line_with_their_evidence(self, home, connected, admin_person):
        text = home(admin_person)
        assert "Version 1.42 found in your org" in text
        assert "Connected by Priya Shah as usergems@northwind.example.full" in text
        assert "Open the install page" not in text
        assert "Northwind (full copy)" in text

    def test_exactly_one_step_is_the_current_one(self, home, connected, admin_person):
        assert home(admin_person).count('aria-current="step"') == 1

    def test_another_step_can_be_opened(self, home, connected, admin_person):
        text = home(admin_person, "?step=sandbox.layouts")
        assert "Drag <strong>UserGems</strong>" in text
        assert "Permission Sets" not in text

    @pytest.mark.parametrize(
        "key",
        ["package", "connect", "permissions", "settings", "layouts", "lead_conversion"],
    )
    def test_every_open_step_can_be_read(self, home, connected, admin_person, key):
        assert 'class="detail"' in home(admin_person, f"?step=sandbox.{key}")

    def test_a_locked_step_cannot_be_opened(self, home, admin_person):
        assert "Permission Sets" not in home(admin_person, f"?step={PERMISSIONS}")

    def test_the_manager_is_named_with_what_comes_next(self, home, connected, admin_person):
        text = home(admin_person)
        assert "Maya Rao" in text
        assert "maya.rao@usergems.example" in text
        assert "Next: Maya chooses owners and the campaign with you" in text

    def test_a_link_that_waits_is_named(self, home, customer, admin_person):
        SignupLinkFactory(customer=customer)
        ConfirmationFactory(customer=customer)
        text = home(admin_person)
        assert "Open the sign-up link in the e-mail to Priya Shah" in text

    def test_a_broken_connection_says_why_and_offers_to_reconnect(
        self, home, connected, admin_person
    ):
        type(connected).objects.update(
            health="needs_reconnecting", health_reason="Salesforce ended our access."
        )
        text = home(admin_person, "?step=sandbox.connect")
        assert "Salesforce ended our access." in text
        assert "Reconnect with Salesforce" in text

    def test_markup_in_names_is_shown_and_not_obeyed(self, home, connected, admin_person):
        type(connected.epoch).objects.update(name="<script>alert(1)</script>")
        text = home(admin_person)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text

    def test_one_person_and_their_page_take_few_queries(self, client, connected, admin_person):
        client.force_login(admin_person)
        with CaptureQueriesContext(database) as queries:
            client.get("/")
        assert len(queries) <= 25

    def test_the_page_is_small(self, home, connected, admin_person):
        assert len(home(admin_person).encode()) < 40_000


class TestConfirming:
    @pytest.fixture
    def connected(self, connected):
        """The org was asked, and its user lacks a right to answer for the permissions."""
        org_checked(connected.epoch, system_permissions="cannot")
        return connected

    def post(self, client, key, action="confirm", **data):
        return client.post(reverse(f"step_{action}", args=[key]), data)

    def test_ticked_and_sent_it_is_confirmed_not_checked(
        self, client, home, connected, admin_person
    ):
        client.force_login(admin_person)
        response = self.post(client, PERMISSIONS, agree="yes")
        assert response["Location"] == "/"
        today = timezone.now().strftime("%-d %b")
        assert f"Confirmed by Priya Shah, not checked, {today}" in home(admin_person)

    def test_it_is_kept_with_the_words_the_org_and_an_event(self, client, connected, admin_person):
        client.force_login(admin_person)
        self.post(client, PERMISSIONS, agree="yes")
        confirmation = Confirmation.objects.get()
        assert confirmation.statement == (
            "The integration user has the permissions of the list, and our reps can see what "
            "UserGems writes."
        )
        assert confirmation.epoch == connected.epoch
        event = Event.objects.get(action="step.confirmed")
        assert (event.actor, event.org_id) == (admin_person, connected.epoch.org_id)
        assert (event.data["step"], event.data["id"]) == (PERMISSIONS, confirmation.pk)

    def test_not_ticked_says_so_next_to_the_box_and_saves_nothing(
        self, client, connected, admin_person
    ):
        client.force_login(admin_person)
        response = self.post(client, PERMISSIONS)
        assert response.status_code == 422
        assert "Tick the box to say so. Nothing has been saved." in response.content.decode()
        assert not Confirmation.objects.exists()

    def test_two_clicks_confirm_once(self, client, connected, admin_person):
        client.force_login(admin_person)
        self.post(client, PERMISSIONS, agree="yes")
        self.post(client, PERMISSIONS, agree="yes")
        assert Confirmation.objects.count() == 1
        assert Event.objects.filter(action="step.confirmed").count() == 1

    def test_taken_back_it_is_the_customers_turn_again(self, client, home, connected, admin_person):
        client.force_login(admin_person)
        self.post(client, PERMISSIONS, agree="yes")
        self.post(client, PERMISSIONS, action="withdraw")
        text = home(admin_person)
        assert "Taken back. The step is open again." in text
        assert "not checked" not in text.replace(", not checked”", "")
        assert Confirmation.objects.get().withdrawn_by == admin_person

    def test_a_step_that_is_locked_cannot_be_confirmed(self, client, admin_person):
        client.force_login(admin_person)
        response = self.post(client, PERMISSIONS, agree="yes")
        assert "opens after the org is connected" in client.get(response.url).content.decode()
        assert not Confirmation.objects.exists()

    def test_what_the_org_says_cannot_be_confirmed_by_hand(self, connected, customer, admin_person):
        with pytest.raises(StepError, match="already said which package"):
            step_confirm(customer=customer, step="sandbox.package", by=admin_person)
        with pytest.raises(StepError, match="nobody confirms it by hand"):
            step_confirm(customer=customer, step="sandbox.connect", by=admin_person)

    def test_a_colleague_without_the_role_may_not(self, client, connected, reviewer, approver):
        for person in (reviewer, approver):
            client.force_login(person)
            assert self.post(client, PERMISSIONS, agree="yes").status_code == 403
            assert self.post(client, PERMISSIONS, action="withdraw").status_code == 403

    def test_a_colleague_reads_that_an_admin_does_it(self, home, connected, reviewer):
        text = home(reviewer, f"?step={PERMISSIONS}")
        assert "An admin of your company confirms this step." in text
        assert "Confirm this step" not in text

    def test_staff_and_unknown_steps_are_not_found(self, client, connected, manager, admin_person):
        client.force_login(manager)
        assert self.post(client, PERMISSIONS, agree="yes").status_code == 404
        client.force_login(admin_person)
        assert self.post(client, "sandbox.nonsense", agree="yes").status_code == 404
        assert self.post(client, "production.layouts", agree="yes").status_code == 404


class TestWaiving:
    KEY = "sandbox.lead_conversion"

    def test_the_manager_waives_with_a_reason(
        self, home, connected, customer, manager, admin_person
    ):
        step_waive(customer=customer, step=self.KEY, reason="No leads in use", by=manager)
        assert "Waived by Maya Rao" in home(admin_person)
        assert Event.objects.get(action="step.waived").side == "vendor"

    def test_a_waiver_is_taken_back(self, connected, customer, manager):
        step_waive(customer=customer, step=self.KEY, reason="No leads in use", by=manager)
        assert step_waiver_withdraw(customer=customer, step=self.KEY, by=manager)
        assert not step_waiver_withdraw(customer=customer, step=self.KEY, by=manager)

    def test_the_customer_waives_nothing(self, connected, customer, admin_person):
        with pytest.raises(StepError, match="implementation manager"):
            step_waive(customer=customer, step=self.KEY, reason="Skip", by=admin_person)

    def test_without_a_reason_or_for_other_steps_it_is_refused(self, connected, customer, manager):
        with pytest.raises(StepError, match="Say why"):
            step_waive(customer=customer, step=self.KEY, reason=" ", by=manager)
        with pytest.raises(StepError, match="may not be waived"):
            step_waive(customer=customer, step=PERMISSIONS, reason="Skip", by=manager)


class TestCheckingAgain:
    ADDRESS = "/steps/sandbox.package/check/"

    def test_the_org_is_asked_in_the_background_and_the_page_says_so(
        self, client, connected, admin_person
    ):
        type(connected.epoch).objects.update(package_installed=False, package_manifest="")
        client.force_login(admin_person)
        response = client.post(self.ADDRESS)
        run = CheckRun.objects.get()
        assert (run.asked_by, run.names) == (admin_person, [])
        text = client.get(response.url.split("#")[0]).content.decode()
        assert "Your org is being asked which package it has" in text
        assert "every 3s" in text

    def test_asking_stops_when_the_org_answered(self, client, connected, admin_person):
        client.force_login(admin_person)
        client.post(self.ADDRESS)
        CheckRun.objects.update(state="ended", ended_at=timezone.now())
        response = client.get("/steps/?step=sandbox.package")
        assert "every 3s" not in response.content.decode()
        assert "no-store" in response["Cache-Control"]

    def test_the_fragment_and_the_page_show_the_same_steps(self, client, connected, admin_person):
        client.force_login(admin_person)
        page = client.get("/").content.decode()
        fragment = client.get("/steps/").content.decode()
        start = page.index('<ol class="steps">')
        end = page.index("</section>", start)
        steps = page[start:end]
        strip = "csrfmiddlewaretoken"
        assert steps.split(strip)[0] in fragment

    def test_an_org_that_is_not_connected_cannot_be_asked(self, client, admin_person):
        client.force_login(admin_person)
        response = client.post(self.ADDRESS, follow=True)
        assert "not connected, so it cannot be asked" in response.content.decode()
        assert not CheckRun.objects.exists()

    def test_pressing_it_again_and_again_asks_once(self, client, connected, reviewer):
        """Each time would cost the org up to fifteen calls."""
        client.force_login(reviewer)
        for _press in range(5):
            client.post(self.ADDRESS)
        client.post(reverse("org_check", args=["sandbox"]))
        assert CheckRun.objects.count() == 1

    def test_an_answer_of_a_moment_ago_is_said_to_be_one(self, client, connected, reviewer):
        org_checked(connected.epoch)
        client.force_login(reviewer)
        text = client.post(self.ADDRESS, follow=True).content.decode()
        assert "The org was asked a moment ago" in text
        assert "ask again in a few seconds" in text

    def test_nothing_is_polled_while_a_person_has_to_act(self, home, connected, admin_person):
        assert "hx-trigger" not in home(admin_person)


def test_the_settings_chosen_are_shown_in_the_step(home, customer, connected, admin_person):
    OutputSettingsFactory(customer=customer, lead_source="UserGems")
    EnvironmentSettingsFactory(customer=customer, validated_org_id=connected.epoch.org_id)
    text = home(admin_person, "?step=sandbox.settings")
    assert "Olga Owner" in text
    assert "Look at the settings" in text
