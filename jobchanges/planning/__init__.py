"""Planning: from a job change, the settings and what the org holds, to the writes. Pure."""

from jobchanges.planning.plan import plan_make
from jobchanges.planning.serialise import plan_from_json, plan_hash, plan_to_json
from jobchanges.planning.together import account_of, account_planned, matches_together
from jobchanges.planning.types import (
    AccountFact,
    Branch,
    FieldFacts,
    JobChangeData,
    Matches,
    PersonFact,
    Plan,
    PlanSettings,
    Ref,
    Write,
)

__all__ = [
    "AccountFact",
    "Branch",
    "FieldFacts",
    "JobChangeData",
    "Matches",
    "PersonFact",
    "Plan",
    "PlanSettings",
    "Ref",
    "Write",
    "account_of",
    "account_planned",
    "matches_together",
    "plan_from_json",
    "plan_hash",
    "plan_make",
    "plan_to_json",
]
