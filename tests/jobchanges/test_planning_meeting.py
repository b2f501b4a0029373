"""Two job changes of one claim that only matching would recognise are not written side by side."""

import pytest

from jobchanges.models import RecordMode
from jobchanges.planning import plan_make
from jobchanges.planning.meeting import Meeting
from tests.jobchanges.planning_world import account, job_change, matches, person, settings

ALWAYS_CONTACT = settings(record_mode=RecordMode.ALWAYS_CONTACT)
ALWAYS_LEAD = settings(record_mode=RecordMode.ALWAYS_LEAD)


def meets(first, second, *, chosen=ALWAYS_CONTACT, found=None, found_later=None):
    """Whether the second would have to wait for the first."""
    taken = Meeting()
    found = found or matches()
    later = found_later or found
    taken.add(first, found, plan_make(first, chosen, found))
    return taken.meets(second, later, plan_make(second, chosen, later))


def joins(key, company, *, domain="", **changes):
    return job_change(
        key=key,
        new_company_name=company,
        new_company_domain=domain,
        new_company_website="",
        **{"new_email": "", **changes},
    )


def test_two_spellings_of_one_new_company_do_not_become_two_accounts():
    first = joins("jc-1", "Brightwater Analytics", last_name="Okafor")
    second = joins("jc-2", "Brightwater Analytic", last_name="Lindqvist")

    assert meets(first, second)


def test_two_new_companies_go_side_by_side():
    first = joins("jc-1", "Brightwater Analytics", last_name="Okafor")
    second = joins("jc-2", "Harbor Robotics", last_name="Lindqvist")

    assert not meets(first, second)


def test_who_joins_a_known_account_waits_for_no_other_company():
    first = joins("jc-1", "Brightwater Analytics", last_name="Okafor")
    second = joins("jc-2", "Brightwater", last_name="Lindqvist")

    assert not meets(first, second, found_later=matches(account=account()))


@pytest.mark.parametrize("chosen", [ALWAYS_CONTACT, ALWAYS_LEAD])
def test_a_short_form_of_a_name_at_the_same_company_does_not_become_a_second_person(chosen):
    first = joins(
        "jc-1", "Lowe", domain="acme.example", first_name="Robert", last_name="Hale",
        new_email="robert.hale@acme.example",
    )  # fmt: skip
    second = joins(
        "jc-2", "Lowe & Partners", domain="acme.example", first_name="Bob", last_name="Hale",
        new_email="bhale@acme.example",
    )  # fmt: skip

    assert meets(first, second, chosen=chosen)


def test_two_people_of_one_name_at_two_companies_go_side_by_side():
    first = joins("jc-1", "Brightwater Analytics", first_name="Robert", last_name="Hale")
    second = joins("jc-2", "Harbor Robotics", first_name="Robert", last_name="Hale")

    assert not meets(first, second, chosen=ALWAYS_LEAD)


def test_two_patches_of_one_record_are_not_sent_side_by_side():
    same = matches(person=person())
    first, second = joins("jc-1", "Acme"), joins("jc-2", "Acme Holding")

    assert meets(first, second, found=same)
    other = matches(person=person(id="0037z00000009ZZAAY"))
    assert not meets(first, second, found=same, found_later=other)


def test_what_a_held_plan_would_have_written_keeps_nobody_back():
    first = joins("jc-1", "")
    second = joins("jc-2", "Brightwater Analytics")

    assert not meets(first, second)
