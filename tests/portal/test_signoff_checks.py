"""What both sides sign covers what production says of itself; a change of that voids it."""

import pytest
from django.db import transaction

from accounts.models import Environment
from integrations.checks.base import Item
from integrations.models import CheckResult, CheckRun, Connection
from integrations.signals import check_run_ended
from integrations.snapshots.difference import Change, Difference, Grade
from portal.models import Comparison, Summary, Waiver
from portal.services import point_waive, point_withdraw
from portal.signoff import services
from portal.signoff.content import content_of, facts_of
from portal.signoff.forecasting import signed_content
from portal.signoff.sections import sections_of
from portal.signoff.selectors import sign_off_view
from portal.signoff.types import SignOffState
from tests.factories import (
    CheckRunFactory,
    PeopleSourceFactory,
    SnapshotFactory,
    TrackingReportFactory,
    org_checked,
    result_of,
)
from tests.portal.signing import PRODUCTION, frozen, production_done, signed

pytestmark = pytest.mark.django_db

FAILS = Item("Contact.edit.Title", "fail", "Title on Contact is read-only", who="administrator")
BLOCKS = Difference(
    kind="custom_fields",
    key="Account.Industry:required",
    grade=Grade.BLOCKS,
    change=Change.DIFFERENT,
    sentence="Industry is required in production, not in the sandbox.",
)


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    return customer


def epoch_of(customer, environment=PRODUCTION):
    return Connection.objects.get(customer=customer, environment=environment).epoch


def answer(customer, name, found, environment=PRODUCTION):
    """The org is asked again and answers otherwise; whoever listens is told."""
    epoch = epoch_of(customer, environment)
    CheckResult.objects.filter(epoch=epoch, name=name).delete()
    run = CheckRunFactory(epoch=epoch)
    result_of(epoch, name, found, run=run)
    with transaction.atomic():
        check_run_ended.send(sender=CheckRun, run=run)


def differences(summary):
    summary.refresh_from_db()
    assert summary.voided_at is not None
    return [(one["what"], one["before"], one["after"]) for one in summary.differences]


def waive(customer, item=FAILS, check="automation"):
    point_waive(
        customer=customer,
        environment="production",
        check=check,
        key=item.key,
        reason="We send no titles.",
        by=customer.implementation_manager,
    )


def compared(customer, *found):
    """Production was compared with the sandbox as it was tested, and this differs."""
    baseline = SnapshotFactory(epoch=epoch_of(customer, "sandbox"), purpose="baseline")
    now = SnapshotFactory(epoch=epoch_of(customer))
    return Comparison.objects.create(
        customer=customer,
        baseline=baseline,
        production=now,
        differences=[one.as_json() for one in found],
    )


def test_the_summary_shows_every_signed_check_and_no_other(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    (section,) = [one for one in sections_of(summary) if one.key == "answers"]
    assert set(summary.content["answers"]) >= {"field_access", "automation", "owners"}
    assert not {"api_headroom", "excess_rights"} & set(summary.content["answers"])
    assert len(section.rows) == len(summary.content["answers"])
    assert {row.value for row in section.rows} == {"Right", "Cannot be checked"}


def test_the_record_reads_the_same_whatever_order_the_database_gives(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    before = sections_of(summary)
    summary.content["answers"] = dict(reversed(summary.content["answers"].items()))
    assert sections_of(summary) == before


def test_an_outcome_that_changes_voids_the_signatures_and_says_what(northwind, admin_person):
    summary = signed(northwind, admin_person)
    answer(northwind, "automation", "warning")
    ((what, before, after),) = differences(summary)
    assert "?" in what
    assert (before, after) == ("Right", "Look at this")


def test_it_is_found_when_the_round_of_questions_ends(northwind, admin_person):
    signed(northwind, admin_person)
    answer(northwind, "automation", [FAILS])
    assert not Summary.objects.filter(voided_at=None).exists()
    view = sign_off_view(northwind, person=admin_person)
    assert view.state == SignOffState.LOCKED
    assert "A check of production fails: Title on Contact is read-only." in view.blocked_by


@pytest.mark.parametrize("name", ["api_headroom", "excess_rights"])
def test_what_changes_by_itself_voids_nothing(northwind, admin_person, name):
    summary = signed(northwind, admin_person)
    answer(northwind, name, "warning")
    assert services.summary_check(northwind) == summary


def test_what_the_sandbox_says_now_voids_nothing(northwind, admin_person):
    summary = signed(northwind, admin_person)
    answer(northwind, "automation", "fail", environment=Environment.SANDBOX)
    assert services.summary_check(northwind) == summary


def test_an_org_that_does_not_answer_again_voids_nothing(northwind, admin_person):
    summary = signed(northwind, admin_person)
    CheckResult.objects.update(error="The org did not answer.")
    assert services.summary_check(northwind) == summary


def test_a_check_that_is_new_to_the_portal_voids_nothing(northwind, admin_person):
    org_checked(epoch_of(northwind), system_permissions="cannot", automation=None)
    result_of(epoch_of(northwind), "automation", "pass")
    summary = signed(northwind, admin_person)
    # As if it had not existed when the summary was signed.
    CheckResult.objects.filter(name="rep_access").update(outcome="error")
    content = {
        name: one for name, one in summary.content["answers"].items() if name != "rep_access"
    }
    assert "rep_access" in summary.content["answers"]
    assert content_of(northwind, facts_of(northwind))["answers"] == content


def test_a_waiver_is_signed_with_its_reason_and_shown(northwind, admin_person):
    answer(northwind, "automation", [FAILS])
    waive(northwind)
    summary = frozen(northwind, admin_person)
    (section,) = [one for one in sections_of(summary) if one.key == "answers"]
    (row,) = [row for row in section.rows if row.value == "To fix"]
    assert row.note == ("Title on Contact is read-only (waived by Maya Rao): We send no titles.")


def test_a_waiver_that_is_taken_back_voids_the_signatures(northwind, admin_person, manager):
    answer(northwind, "automation", [FAILS])
    waive(northwind)
    summary = signed(northwind, admin_person)
    point_withdraw(
        customer=northwind,
        environment="production",
        check="automation",
        key=FAILS.key,
        by=manager,
    )
    assert services.summary_check(northwind) is None
    ((_what, before, after),) = differences(summary)
    assert "waived by Maya Rao" in before
    assert "waived" not in after


def test_one_more_warning_of_a_check_that_warned_voids_nothing(northwind, admin_person):
    one = Item("rule.Industry", "warning", "A rule asks for the industry")
    answer(northwind, "automation", [one])
    summary = signed(northwind, admin_person)
    answer(northwind, "automation", [one, Item("rule.Phone", "warning", "Another rule")])
    assert services.summary_check(northwind) == summary


class TestMirror:
    def test_a_difference_that_appears_voids_the_signatures(self, northwind, admin_person):
        compared(northwind)
        summary = signed(northwind, admin_person)
        Comparison.objects.update(differences=[BLOCKS.as_json()])
        assert services.summary_check(northwind) is None
        found = {what: (before, after) for what, before, after in differences(summary)}
        name = "Industry is required in production, not in the sandbox"
        assert found[name] == ("none", "blocks delivery")

    def test_a_cosmetic_difference_voids_nothing(self, northwind, admin_person):
        compared(northwind)
        summary = signed(northwind, admin_person)
        looks = {**BLOCKS.as_json(), "grade": Grade.COSMETIC.value}
        Comparison.objects.update(differences=[looks])
        assert services.summary_check(northwind) == summary

    def test_a_waived_difference_is_signed_with_who_and_why(self, northwind, admin_person):
        comparison = compared(northwind, BLOCKS)
        Waiver.objects.create(
            customer=northwind,
            step="production.mirror",
            epoch=comparison.production.epoch,
            subject=f"difference:{BLOCKS.kind}:{BLOCKS.key}",
            subject_hash=BLOCKS.hash,
            reason="Nobody of ours leaves it empty.",
            by=northwind.implementation_manager,
        )
        summary = frozen(northwind, admin_person)
        (section,) = [one for one in sections_of(summary) if one.key == "alike"]
        (row,) = [row for row in section.rows if row.label.startswith("Industry is required")]
        assert row.value == ("blocks delivery, waived by Maya Rao: Nobody of ours leaves it empty.")


def test_the_tracking_reports_are_signed(northwind, admin_person):
    northwind.people_source.delete()
    PeopleSourceFactory(customer=northwind, kind="reports")
    report = TrackingReportFactory(
        customer=northwind, epoch=epoch_of(northwind), name="Champions", chosen_by=admin_person
    )
    summary = signed(northwind, admin_person)
    (section,) = [one for one in sections_of(summary) if one.key == "people"]
    assert "Champions" in section.rows[-1].value
    type(report).objects.update(column_map={"email": "OTHER"})
    assert services.summary_check(northwind) is None
    ((what, _before, after),) = differences(summary)
    assert (what, after) == ("Tracking reports", "Champions (OTHER)")


def test_a_summary_from_before_orgs_were_asked_reads_as_it_did(northwind, admin_person):
    summary = frozen(northwind, admin_person)
    old = {
        name: value
        for name, value in summary.content.items()
        if name not in {"answers", "differences", "not_compared", "reports"}
    } | {"version": 1}
    Summary.objects.update(content=old, content_hash="0" * 64)
    summary.refresh_from_db()
    assert "answers" not in {one.key for one in sections_of(summary)}
    assert services.summary_check(northwind) is None
    ((what, _before, _after),) = differences(summary)
    assert what == "How the summary is put together"


class TestWhatMayFire:
    RULE = Item("Lead.rule.Region", "warning", "The validation rule Region may refuse new leads.")

    def rows(self, summary):
        (section,) = [one for one in sections_of(summary) if one.key == "alerts"]
        return {str(row.label): row for row in section.rows}

    def test_it_is_signed_as_the_org_told_it(self, northwind, admin_person):
        answer(northwind, "automation", [self.RULE])
        summary = frozen(northwind, admin_person)
        row = self.rows(summary)["What may fire, by your org itself"]
        assert self.RULE.sentence in row.value
        assert row.note == self.RULE.sentence
        assert signed_content(summary)["forecast"]["fires"]["lines"] == [self.RULE.sentence]

    def test_very_many_are_counted(self, northwind, admin_person):
        many = [Item(f"r.{n}", "warning", f"Rule {n}.") for n in range(20)]
        answer(northwind, "automation", many)
        assert self.rows(frozen(northwind, admin_person))[
            "What may fire, by your org itself"
        ].note.endswith("And 8 more.")

    def test_a_summary_of_before_says_that_nobody_had_asked(self, northwind, admin_person):
        summary = frozen(northwind, admin_person)
        del summary.forecast["fires"]
        assert "Not checked" in self.rows(summary)
