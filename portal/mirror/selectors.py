"""The mirror for a reader: both sides, the six kinds with their differences, what may be done."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Environment, Role, User
from integrations.models import OrgEpoch, Snapshot
from integrations.salesforce.setup_links import setup_url
from integrations.snapshots.content import KINDS
from integrations.snapshots.worksheet import TYPE_LABELS
from portal.mirror.lacking import comparison_now, failure, lack_of
from portal.mirror.standing import Point, Standing, is_old, standing_of
from portal.mirror.views import DifferenceView, GroupView, MirrorView, SideView
from portal.mirror.words import FIXED_BY, GRADES, KIND_TITLES
from portal.models import Comparison
from portal.steps.facts import Facts
from portal.steps.words import when

SANDBOX, PRODUCTION = Environment.SANDBOX.value, Environment.PRODUCTION.value


# From so many differences on each part shows the first few, and a link to the next; of the part
# that was asked for a page shows so many more.
MANY, SHOWN_OF_MANY, SHOWN_UNFOLDED = 20, 3, 10
DRIFT = "drift"


def mirror_view(
    facts: Facts, *, person: User | None = None, unfolded: str = "", wanted: str = ""
) -> MirrorView:
    """Everything about one customer's two orgs, for a person's page. No query, no call.

    `unfolded`: the part of which more is shown, `KIND` or `KIND:AFTER_HOW_MANY`; `wanted`: the
    subject of the difference whose form is open.
    """
    comparison = comparison_now(facts)
    lack = lack_of(facts)
    view = MirrorView(
        tested=_tested(facts),
        production=_production(facts, comparison),
        missing=lack.sentence if lack else "",
        may_ask=_may_ask(facts),
    )
    if comparison is None:
        return view
    standing = standing_of(comparison, facts.waivers)
    reader = _Reader(facts, person, standing, unfolded, wanted)
    return MirrorView(
        tested=view.tested,
        production=view.production,
        groups=_groups(standing, comparison, reader),
        drift=_drift(standing, comparison, reader),
        compared_at=comparison.compared_at,
        stale=is_old(comparison),
        may_ask=view.may_ask,
    )


class _Reader:
    """What the person may do about a difference, and how much they see of a part."""

    def __init__(
        self,
        facts: Facts,
        person: User | None,
        standing: Standing,
        unfolded: str,
        wanted: str,
    ) -> None:
        held = sum(1 for point in (*standing.points, *standing.drift) if point.holds)
        self.most = SHOWN_OF_MANY if held > MANY else 0
        self.unfolded, _colon, after = unfolded.partition(":")
        # Five digits are more than any org has differences.
        self.skip = int(after) if after.isdecimal() and len(after) < 6 else 0
        self.wanted = wanted
        self.staff = person is not None and person.is_staff
        self.admin = facts.role_of(person) == Role.ADMIN

    def folding(self, kind: str) -> dict[str, Any]:
        """How many differences of a part are shown, and which."""
        if not self.most or kind != self.unfolded:
            return {"most": self.most}
        return {"most": SHOWN_UNFOLDED, "skip": self.skip, "wanted": self.wanted}

    def may_accept(self, point: Point) -> bool:
        """A difference that changes the result."""
        return point.is_open and not point.blocks and (self.admin or self.staff)

    def may_waive(self, point: Point) -> bool:
        """One that blocks delivery."""
        return point.is_open and point.blocks and self.staff

    def may_take_back(self, point: Point) -> bool:
        """One's own side's word; staff also the customer's."""
        waiver = point.waiver
        return waiver is not None and (self.staff or (self.admin and waiver.side == "customer"))


def _groups(standing: Standing, comparison: Comparison, reader: _Reader) -> list[GroupView]:
    """The six kinds in the order of the guide, those without a difference too."""
    epoch = comparison.production.epoch
    return [
        GroupView(
            kind=kind,
            title=str(KIND_TITLES[kind]),
            differences=[
                _difference(point, epoch, reader)
                for point in standing.points
                if point.difference.kind == kind
            ],
            unknown=(standing.unknown or {}).get(kind, ""),
            number=number,
            **reader.folding(kind),
        )
        for number, kind in enumerate(KINDS, start=1)
    ]


def _drift(standing: Standing, comparison: Comparison, reader: _Reader) -> GroupView | None:
    """What changed in the tested sandbox since its test; None where nothing did."""
    if not standing.drift:
        return None
    epoch = comparison.baseline.epoch
    return GroupView(
        kind=DRIFT,
        title=_("Changed in the sandbox since it was tested"),
        differences=[_difference(point, epoch, reader) for point in standing.drift],
        **reader.folding(DRIFT),
    )


def _difference(point: Point, epoch: OrgEpoch, reader: _Reader) -> DifferenceView:
    difference = point.difference
    word, tint = GRADES[difference.grade]
    return DifferenceView(
        subject=point.subject,
        seen=point.hash,
        sentence=difference.sentence,
        word=str(word),
        tint=tint,
        fix=difference.fix,
        who=str(FIXED_BY.get(difference.who, "")),
        setup_url=setup_url(epoch.instance_url, difference.setup_path),
        components=[
            (str(TYPE_LABELS.get(metadata, metadata)), name)
            for metadata, name in difference.change_set
        ],
        by_hand=difference.by_hand,
        since=point.since,
        is_new=point.is_new,
        holds=point.holds,
        is_open=point.is_open,
        waiver=point.waiver,
        outdated=point.outdated,
        blocks=point.blocks,
        may_accept=reader.may_accept(point),
        may_waive=reader.may_waive(point),
        may_take_back=reader.may_take_back(point),
    )


def _tested(facts: Facts) -> SideView:
    """The sandbox as it was approved, and when it was last asked whether it still is."""
    baseline, epoch = facts.mirror.baseline, facts.epoch(SANDBOX)
    asking = facts.check_run_open(SANDBOX) is not None
    if baseline is None:
        return SideView(
            name=epoch.name if epoch else _("the sandbox"),
            org_id=epoch.org_id if epoch else "",
            note=_("not known how it was set up"),
            asking=asking,
            failed=failure(facts, SANDBOX),
        )
    tested = baseline.epoch
    same = epoch is not None and epoch.pk == tested.pk
    return SideView(
        name=tested.name,
        org_id=tested.org_id,
        at=baseline.taken_at,
        note=_sandbox_note(facts.comparison, baseline, same=same),
        asking=asking and same,
        failed=failure(facts, SANDBOX) if same else "",
    )


def _sandbox_note(comparison: Comparison | None, baseline: Snapshot, *, same: bool) -> str:
    """Whether the tested sandbox is still looked at, and when it was last."""
    if not same:
        return _("refreshed or disconnected since: what was tested is kept")
    if comparison is None or comparison.sandbox is None or comparison.baseline_id != baseline.pk:
        return ""
    asked = {"when": when(comparison.sandbox.taken_at)}
    if comparison.drift:
        return _("changed since, asked again %(when)s") % asked
    return _("unchanged when it was asked again %(when)s") % asked


def _production(facts: Facts, comparison: Comparison | None) -> SideView:
    epoch = facts.epoch(PRODUCTION)
    if epoch is None:
        return SideView(name=_("production, not connected yet"))
    return SideView(
        name=epoch.name,
        org_id=epoch.org_id,
        at=comparison.production.taken_at if comparison else None,
        note="" if comparison else _("has not said yet how it is set up"),
        asking=facts.check_run_open(PRODUCTION) is not None,
        failed=failure(facts, PRODUCTION),
    )


def _may_ask(facts: Facts) -> bool:
    """Whether at least one of the two orgs can be asked."""
    baseline = facts.mirror.baseline
    for environment in (SANDBOX, PRODUCTION):
        connection = facts.connection(environment)
        if connection is None or not connection.is_live:
            continue
        tested = baseline is None or connection.epoch_id == baseline.epoch_id
        if environment == PRODUCTION or tested:
            return True
    return False


def unfolded(wanted: str, shown: str) -> str:
    """The part to show as a whole: that of the difference whose form is open, or the one asked
    for.
    """
    source, _colon, rest = wanted.partition(":")
    if not rest:
        return shown
    return DRIFT if source == DRIFT else rest.partition(":")[0]
