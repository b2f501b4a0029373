"""Which column of a report is what: guessed from names and labels, never twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.reports.columns import WANTED, column_problems, columns_guess


def column(name, label="", kind="string"):
    return {"name": name, "label": label or name, "type": kind}


CONTACTS = [
    column("CONTACT_ID", "Contact ID", "id"),
    column("FIRST_NAME", "First Name"),
    column("LAST_NAME", "Last Name"),
    column("EMAIL", "Email", "email"),
    column("ACCOUNT.NAME", "Account Name"),
]


def test_a_report_of_contacts_is_understood():
    assert columns_guess(CONTACTS) == {
        "first_name": "FIRST_NAME",
        "last_name": "LAST_NAME",
        "email": "EMAIL",
        "company": "ACCOUNT.NAME",
    }
    assert column_problems(CONTACTS, columns_guess(CONTACTS)) == []


def test_a_report_of_leads_is_understood_by_its_labels():
    leads = [
        column("Lead.C1", "First Name"),
        column("Lead.C2", "Last Name"),
        column("Lead.C3", "Company / Account"),
        column("Lead.C4", "Email", "email"),
    ]
    assert columns_guess(leads) == {
        "first_name": "Lead.C1",
        "last_name": "Lead.C2",
        "email": "Lead.C4",
        "company": "Lead.C3",
    }


def test_an_email_under_another_name_is_known_by_its_type():
    assert columns_guess([column("Custom__c", "Arbeitsadresse", "email")]) == {"email": "Custom__c"}


def test_what_is_not_there_is_said_with_the_way_out():
    problems = column_problems(CONTACTS[:3], columns_guess(CONTACTS[:3]))
    assert [problem["wanted"] for problem in problems] == ["email", "company"]
    assert problems[0]["sentence"] == "No column for E-mail is chosen."
    assert "the integration user may not read Email" in problems[0]["fix"]


def test_a_chosen_column_that_left_the_report_is_said():
    problems = column_problems(CONTACTS, columns_guess(CONTACTS) | {"email": "GONE"})
    assert [problem["sentence"] for problem in problems] == [
        "The column for E-mail is not in the report any more."
    ]


names = st.sampled_from(
    ["FIRST_NAME", "First Name", "LAST_NAME", "Email", "E-Mail", "Company", "Account", "X", ""]
)


@given(
    st.lists(
        st.builds(column, st.text(min_size=1, max_size=9) | names.filter(bool), names, names),
        unique_by=lambda one: one["name"],
        max_size=9,
    )
)
def test_a_guess_names_columns_of_the_report_and_each_once(columns):
    found = columns_guess(columns)
    assert set(found) <= set(WANTED)
    assert set(found.values()) <= {one["name"] for one in columns}
    assert len(set(found.values())) == len(found)
    missing = {problem["wanted"] for problem in column_problems(columns, found)}
    assert missing == set(WANTED) - set(found)


@pytest.mark.parametrize("wanted", list(WANTED))
def test_each_of_the_four_is_needed(wanted):
    chosen = {key: name for key, name in columns_guess(CONTACTS).items() if key != wanted}
    assert [problem["wanted"] for problem in column_problems(CONTACTS, chosen)] == [wanted]
