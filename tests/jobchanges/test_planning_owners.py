"""Who owns what is created: after the rule, never somebody inactive, and said why."""

from dataclasses import replace

import pytest

from jobchanges.planning import plan_make
from jobchanges.planning.owners import account_lookup, users_named
from tests.jobchanges.planning_world import (
    ACCOUNT_USER,
    DEFAULT_OWNER,
    OWNER,
    account,
    job_change,
    matches,
    own_fields,
    settings,
)

ANNA, BEN, CLEO = (f"0057z0000000{place}AAA" for place in ("2aa", "2bb", "2cc"))
SDR = "0057z000000003aAAA"
ALL_ACTIVE = {ANNA: True, BEN: True, CLEO: True}


def by_lookup(**changes):
    return settings(
        **{
            "fields": own_fields(),
            "contact_owner_rule": "account_lookup",
            "contact_owner_field": ACCOUNT_USER,
            **changes,
        }
    )


def in_turn(**changes):
    return settings(
        contact_owner_rule="round_robin",
        lead_owner_rule="round_robin",
        round_robin=(ANNA, BEN, CLEO),
        **changes,
    )


def planned(chosen, found, **changes):
    plan = plan_make(job_change(**changes), chosen, found)
    return plan.write("person").fields["OwnerId"], " ".join(plan.explanations), plan.branches


def test_the_user_named_on_the_account_owns_the_contact():
    named = account(lookup_owner_id=SDR, lookup_owner_active=True)
    owner, words, branches = planned(by_lookup(), matches(account=named))
    assert owner == SDR
    assert "Owned by the user named in the account’s SDR." in words
    assert "inactive_owner" not in branches


@pytest.mark.parametrize(
    ("changes", "owner", "sentences", "inactive"),
    [
        (
            {},
            OWNER,
            ["The account names nobody in its field SDR.", "Owned by the owner of the account."],
            False,
        ),
        (
            {"lookup_owner_id": SDR, "lookup_owner_active": False},
            OWNER,
            ["The user named in the account’s field SDR is inactive.", "owner of the account"],
            True,
        ),
        (
            {"lookup_owner_id": SDR, "owner_active": False},
            DEFAULT_OWNER,
            ["field SDR is inactive", "owner of the account is inactive, so the default owner"],
            True,
        ),
        (
            {"owner_active": False},
            DEFAULT_OWNER,
            ["names nobody", "owner of the account is inactive, so the default owner"],
            True,
        ),
    ],
)
def test_nobody_or_somebody_inactive_on_the_account_gives_way(changes, owner, sentences, inactive):
    found, words, branches = planned(by_lookup(), matches(account=account(**changes)))
    assert found == owner
    for sentence in sentences:
        assert sentence in words
    assert ("inactive_owner" in branches) is inactive


def test_a_field_that_is_no_user_lookup_gives_way_to_the_owner_of_the_account():
    named = account(lookup_owner_id=SDR, lookup_owner_active=True)
    for field in ("Region__c", "Nowhere__c"):
        owner, words, _branches = planned(
            by_lookup(contact_owner_field=field), matches(account=named)
        )
        assert owner == OWNER
        assert f"field {field} cannot be read as a lookup to a user" in words


def test_the_contact_of_a_new_account_goes_to_the_default_owner_under_the_account_rules():
    for rule in ("account_owner", "account_lookup"):
        chosen = by_lookup(contact_owner_rule=rule, record_mode="always_contact")
        assert planned(chosen, matches())[0] == DEFAULT_OWNER


def test_people_take_turns_by_the_number_of_the_job_change():
    found = matches(account=account(), users_active=ALL_ACTIVE)
    owners = [planned(in_turn(), found, turn=turn)[0] for turn in range(5)]
    assert owners == [ANNA, BEN, CLEO, ANNA, BEN]
    assert (
        "Owned by number 2 of the 3 people who take turns." in planned(in_turn(), found, turn=1)[1]
    )


def test_leads_take_turns_too_and_keep_the_default_owner_otherwise():
    found = matches(users_active=ALL_ACTIVE)
    assert planned(in_turn(), found, turn=2)[0] == CLEO
    by_default = replace(in_turn(), lead_owner_rule="default_owner")
    assert planned(by_default, found, turn=2)[0] == DEFAULT_OWNER


@pytest.mark.parametrize("absent", [{BEN: False}, {}], ids=["inactive", "no user of the org"])
def test_somebody_who_cannot_own_it_is_passed_over_with_a_reason(absent):
    active = {ANNA: True, CLEO: True, **absent}
    owner, words, branches = planned(in_turn(), matches(users_active=active), turn=1)
    assert owner == CLEO
    assert "Whose turn it was is inactive or no user of this org" in words
    assert "inactive_owner" in branches


def test_several_are_passed_over_beyond_the_end_of_the_list():
    owner, words, _branches = planned(in_turn(), matches(users_active={ANNA: True}), turn=1)
    assert owner == ANNA
    assert "The 2 people before them are inactive" in words


def test_with_nobody_active_in_turn_the_default_owner_gets_it():
    owner, words, branches = planned(in_turn(), matches(users_active={ANNA: False}), turn=1)
    assert owner == DEFAULT_OWNER
    assert "Nobody of those who take turns is an active user" in words
    assert "inactive_owner" in branches


def test_with_nobody_chosen_to_take_turns_the_default_owner_gets_it():
    owner, words, branches = planned(replace(in_turn(), round_robin=()), matches())
    assert owner == DEFAULT_OWNER
    assert "Nobody is chosen to take turns" in words
    assert "inactive_owner" not in branches


def test_where_even_the_default_owner_is_inactive_it_is_held():
    plan = plan_make(job_change(), in_turn(), matches(default_owner_active=False))
    assert "default owner is inactive" in plan.held_reason
    assert "inactive_owner" in plan.branches


def test_a_created_account_goes_to_the_default_owner_whatever_the_rule_for_contacts():
    chosen = in_turn(record_mode="always_contact")
    plan = plan_make(job_change(turn=1), chosen, matches(users_active=ALL_ACTIVE))
    assert plan.write("account").fields["OwnerId"] == DEFAULT_OWNER
    assert plan.write("person").fields["OwnerId"] == BEN


def test_matching_asks_after_the_default_owner_and_those_who_take_turns():
    assert users_named(settings(round_robin=(ANNA,))) == [DEFAULT_OWNER]
    doubled = replace(in_turn(), round_robin=(ANNA, DEFAULT_OWNER, ANNA))
    assert users_named(doubled) == [DEFAULT_OWNER, ANNA]
    assert users_named(settings(default_owner_id="")) == []


def test_the_lookup_on_the_account_is_read_only_where_the_rule_needs_it():
    facts = account_lookup(by_lookup())
    assert facts is not None
    assert (facts.name, facts.relationship) == (ACCOUNT_USER, "SDR_Owner__r")
    assert account_lookup(by_lookup(contact_owner_rule="account_owner")) is None
    assert account_lookup(by_lookup(contact_owner_field="")) is None
    assert account_lookup(by_lookup(contact_owner_field="Nowhere__c")) is None


def test_the_explanation_names_the_person_in_turn_and_the_default_owner():
    names = {ANNA: "Anna Ash", BEN: "Ben Ode", CLEO: "Cleo Cay", DEFAULT_OWNER: "Dana Fields"}
    found = matches(users_active={ANNA: True, CLEO: True}, names=names)
    assert "Owned by Anna Ash, number 1 of the 3 people" in planned(in_turn(), found, turn=0)[1]
    passed = planned(in_turn(), found, turn=1)[1]
    assert "Whose turn it was, Ben Ode, is inactive or no user of this org" in passed
    assert "Owned by Cleo Cay, number 3" in passed
    by_default = replace(in_turn(), lead_owner_rule="default_owner")
    assert "Owned by the default owner, Dana Fields." in planned(by_default, found)[1]
    gone = replace(found, account=account(owner_active=False))
    words = planned(settings(), gone)[1]
    assert "is inactive, so the default owner, Dana Fields, gets it." in words
    assert "Owned by the default owner" not in words
