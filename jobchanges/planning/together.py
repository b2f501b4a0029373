"""Planning a run as a whole: two people who join one new company share its account. Pure.

What is still to be created has no id yet. The plan that needs it names it by reference, and so
does its fingerprint, before and after the account is there (identity-and-state, Allowing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jobchanges.planning.account_match import Accounts, account_match
from jobchanges.planning.types import AccountFact, JobChangeData, Matches, Plan


def account_of(key: str) -> str:
    """What the account that a job change creates is called until it has an id."""
    return f"account of {key}"


def account_planned(key: str, plan: Plan) -> AccountFact | None:
    """The account that a plan creates, as later plans of the run meet it; None for none."""
    write = plan.write("account")
    if write is None or write.operation != "create":
        return None
    fields = {name: str(write.fields.get(name, "")) for name in ("Name", "Website", "OwnerId")}
    return AccountFact(
        id=account_of(key),
        name=fields["Name"],
        website=fields["Website"],
        owner_id=fields["OwnerId"],
        is_planned=True,
    )


def matches_together(
    job_change: JobChangeData, found: Matches, planned: Sequence[AccountFact]
) -> Matches:
    """The matches of the org, with an account that an earlier job change of the run creates.

    Only where the org has none: by the rules that would match it once it is there.
    """
    if job_change.kind != "joined" or found.account is not None or not planned:
        return found
    account, why = account_match(job_change, Accounts(planned))
    if account is None:
        return found
    return replace(
        found,
        account=account,
        account_why=f"{why} Another job change of this test creates it.",
    )
