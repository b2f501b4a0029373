"""What choices would do to a few waiting job changes: planned by the planner, nothing written.

`example_make` takes any choices, saved or just being looked at, and what the org said before
(`Known`). What it did not say is assumed, and each assumption is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from accounts.models import Customer
from integrations.salesforce.manifest import PackageManifest
from jobchanges.delivery.digest import plan_or_hold
from jobchanges.models import JobChange
from jobchanges.planning import Matches, Plan, plan_make
from jobchanges.planning.mapping import OBJECT_OF, PAST_TARGETS
from jobchanges.planning.owners import users_named
from jobchanges.planning.types import FieldFacts, JobChangeData, PersonFact, PlanSettings
from jobchanges.selectors.candidates import candidates
from jobchanges.settings_fields import OBJECTS
from jobchanges.settings_known import Known, fields_assumed
from jobchanges.settings_options import Options
from jobchanges.settings_problems import SettingsValues

# So many are asked for together (one round of questions), and so many are shown.
ASKED = 8
SHOWN = 3
# Of these, the kinds are chosen; the newest first, which people still remember.
_LOOKED_THROUGH = 60
_OF_KIND = {"joined": 5, "left": 2, "promotion": 1}


class Assumed(StrEnum):
    """What an example took for granted because the org did not say."""

    NOBODY_THERE = "nobody_there"  # nobody asked about these people yet
    NOT_A_MEMBER = "not_a_member"  # of a campaign that is looked at for the first time
    EMPTY_FIELDS = "empty_fields"  # fields of the past record that nobody read yet
    NOBODY_NAMED = "nobody_named"  # in a lookup of the account that nobody read yet
    ACTIVE_OWNERS = "active_owners"  # of an org with more users than are listed


@dataclass(frozen=True)
class Example:
    """One job change under the choices: the very plan, and what it rests on."""

    job_change: JobChange
    plan: Plan
    matches: Matches
    settings: PlanSettings
    assumed: frozenset[Assumed]

    @property
    def names(self) -> Mapping[str, str]:
        """Names of users, campaigns and what was found, by id."""
        return self.matches.names


@dataclass(frozen=True)
class Ground:
    """All that examples of one org depend on but the choices."""

    org_id: str
    manifest: PackageManifest
    options: Options
    known: Known


def example_rows(customer: Customer, environment: str) -> list[JobChange]:
    """The job changes to try choices on: waiting ones of each kind; else the newest there are.

    At most two queries, no call.
    """
    waiting = candidates(customer, environment).order_by("-detected_at", "-pk")
    rows = list(waiting[:_LOOKED_THROUGH])
    if not rows:
        everything = JobChange.objects.filter(customer=customer).exclude(last_name="")
        rows = list(everything.order_by("-detected_at", "-pk")[:_LOOKED_THROUGH])
    chosen = [
        row for kind, most in _OF_KIND.items() for row in [x for x in rows if x.kind == kind][:most]
    ]
    rest = (row for row in rows if row not in chosen)
    return [*chosen, *rest][:ASKED]


def examples_pick(rows: Sequence[JobChange], known: Known) -> list[JobChange]:
    """Those to show: as different as what the org holds of them; first one that makes a record.

    The choices play no part, so that the same people stand there whatever is tried.
    """
    found: dict[object, JobChange] = {}
    asked = [row for row in rows if row.key in known.matches]
    for row in asked or [row for row in rows if row.kind == "joined"]:
        found.setdefault(_sort_of(row, known.matches.get(row.key)), row)
    ordered = sorted(found.values(), key=lambda row: _rank(row, known.matches.get(row.key)))
    return ordered[:SHOWN]


def _sort_of(row: JobChange, matches: Matches | None) -> object:
    if matches is None:
        return row.kind
    past = matches.past.object_name if matches.past else ""
    if row.kind != "joined":
        return row.kind, bool(matches.person), past
    return row.kind, bool(matches.account), bool(matches.person)


def _rank(row: JobChange, matches: Matches | None) -> tuple[bool, bool, bool]:
    person = matches is not None and matches.person is not None
    nothing = row.kind != "joined" and matches is not None and not (matches.past or matches.person)
    return nothing, row.kind != "joined", person


def example_make(job_change: JobChange, values: SettingsValues, ground: Ground) -> Example:
    """Plan one job change as the choices say. The same arguments always give the same example."""
    options, known = ground.options, ground.known
    settings = PlanSettings(
        org_id=ground.org_id,
        manifest=ground.manifest,
        fields=fields_of(ground),
        **vars(values),
    )
    assumed: set[Assumed] = set()
    matches = known.matches.get(job_change.key)
    if matches is None:
        assumed.add(Assumed.NOBODY_THERE)
        matches = Matches()
    matches = _users(matches, settings, options, assumed)
    matches = _named_on_account(matches, settings, known, assumed)
    if matches.person and settings.campaign_id != known.campaign_id:
        matches = replace(matches, member_exists=False)
        if settings.campaign_id:
            assumed.add(Assumed.NOT_A_MEMBER)
    if matches.past is not None:
        matches = replace(matches, past=_with_fields(matches.past, settings, assumed))
    make = partial(plan_make, JobChangeData.of(job_change), settings, matches)
    return Example(
        job_change=job_change,
        plan=plan_or_hold(job_change.key, make),
        matches=matches,
        settings=settings,
        assumed=frozenset(assumed),
    )


def fields_of(ground: Ground) -> Mapping[str, Mapping[str, FieldFacts]]:
    """Describe, as far as the org said it; standard and package fields are assumed until then."""
    found: dict[str, dict[str, FieldFacts]] = {}
    known = ground.known.fields
    for name in (*OBJECTS, "CampaignMember", ground.manifest.object_name):
        offered = ground.options.fields.get(name)
        if known and name not in known:
            # Hidden from the integration user.
            continue
        if not known and offered is not None and not offered:
            continue
        ours = known[name] if known else fields_assumed(name, ground.manifest)
        found[name] = {**ours, **{one.name: one.facts for one in offered or ()}}
        # What describe said in full goes before what is offered to choose from.
        found[name].update(known.get(name, {}))
    return found


def _users(
    matches: Matches, settings: PlanSettings, options: Options, assumed: set[Assumed]
) -> Matches:
    """Who of the chosen users is active: the offer lists all active ones, as far as it goes."""
    active: dict[str, bool] = {}
    for user_id in users_named(settings):
        if options.owner(user_id) is not None:
            active[user_id] = True
        elif not options.all_owners:
            active[user_id] = True
            assumed.add(Assumed.ACTIVE_OWNERS)
        elif user_id in matches.users_active:
            active[user_id] = False
    names = {
        **matches.names,
        **{owner.id: owner.person for owner in options.owners},
        **{campaign.id: campaign.name for campaign in options.campaigns},
        **{one.id: one.name for one in (matches.account, matches.past_account) if one},
    }
    return replace(
        matches,
        default_owner_active=active.get(settings.default_owner_id),
        users_active=active,
        names=names,
    )


def _named_on_account(
    matches: Matches, settings: PlanSettings, known: Known, assumed: set[Assumed]
) -> Matches:
    """The user in the lookup that the choices name, on the account that was found."""
    account = matches.account
    if account is None or settings.contact_owner_rule != "account_lookup":
        return matches
    named = known.lookups.get(account.id, {})
    if settings.contact_owner_field not in named:
        assumed.add(Assumed.NOBODY_NAMED)
    user_id = named.get(settings.contact_owner_field, "")
    # All active users have a name here; somebody without one has left, or is one of very many.
    account = replace(
        account, lookup_owner_id=user_id, lookup_owner_active=user_id in matches.names
    )
    return replace(matches, account=account)


def _with_fields(past: PersonFact, settings: PlanSettings, assumed: set[Assumed]) -> PersonFact:
    """The past record with the fields that the choices map and nobody read yet, as empty ones."""
    mapped = _mapped_on(past.object_name, settings)
    missing = [name for name in mapped if name not in past.values]
    if not missing:
        return past
    assumed.add(Assumed.EMPTY_FIELDS)
    return replace(past, values={**past.values, **dict.fromkeys(missing)})


def _mapped_on(object_name: str, settings: PlanSettings) -> Iterable[str]:
    known = settings.fields.get(object_name, {})
    return [
        item.field
        for item in settings.field_mapping
        if item.target in PAST_TARGETS
        and OBJECT_OF[item.target] == object_name
        and item.field in known
    ]
