"""A clean-up of a sandbox test, ready to show."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.salesforce.setup_links import setup_url
from jobchanges.delivery.cleanup_stages import stage_of
from jobchanges.models import CleanUp, CleanUpItem, Delivery, TestRun
from jobchanges.selectors.rows import role_label
from jobchanges.selectors.types import Chip, ErrorView
from jobchanges.selectors.values import value_shown

State = CleanUp.State
Action = CleanUpItem.Action
Outcome = CleanUpItem.Outcome


@dataclass(frozen=True)
class FieldBack:
    """A field of an existing record that goes back to what stood there."""

    label: str
    ours: str
    before: str


@dataclass(frozen=True)
class RecordLine:
    """One record of a clean-up."""

    person: str
    key: str  # of the job change
    label: str  # "New lead", "Past contact", …
    object_name: str
    record_id: str
    url: str  # "" where it is deleted
    chip: Chip
    reason: str
    fields: list[FieldBack]
    edited: bool
    edited_by: str
    edited_at: datetime | None
    errors: list[ErrorView]
    order: int = 0  # in the list of what somebody deletes by hand


@dataclass(frozen=True)
class PersonLines:
    """The records of one job change."""

    person: str
    records: list[RecordLine]


@dataclass(frozen=True)
class CleanUpView:
    """Everything the pages show of a clean-up."""

    clean_up: CleanUp
    chip: Chip
    groups: list[PersonLines] = field(default_factory=list)
    to_delete: int = 0
    to_put_back: int = 0
    stays: int = 0
    edited: int = 0
    by_hand: list[RecordLine] = field(default_factory=list)
    done: int = 0
    freed: int = 0

    @property
    def working(self) -> bool:
        """Whether a worker has it, or will: the page asks again by itself."""
        return self.clean_up.state in (State.LOOKING, State.REMOVING)

    @property
    def total(self) -> int:
        """How many records it is about."""
        return sum(len(group.records) for group in self.groups)

    @property
    def counts_words(self) -> list[str]:
        """What is going to happen, in true numbers, without the empty ones.

        What was edited since has a number of its own: it stays unless somebody says otherwise.
        """
        by_hand = sum(not line.edited for line in self.by_hand)
        lines = [
            (self.to_delete, _deleted_words(self.to_delete)),
            (self.to_put_back, _put_back_words(self.to_put_back)),
            (by_hand, _by_hand_words(by_hand)),
            (self.edited, _edited_words(self.edited)),
            (self.stays, _stays_words(self.stays)),
        ]
        return [words for count, words in lines if count]


def clean_up_latest(run: TestRun) -> CleanUp | None:
    """The newest clean-up of a run; an open one is always the newest."""
    return (
        run.clean_ups.select_related("test_run__epoch", "test_run__customer", "asked_by")
        .select_related("confirmed_by")
        .order_by("-asked_at", "-pk")
        .first()
    )


def clean_up_view(clean_up: CleanUp) -> CleanUpView:
    """The clean-up with its records, by job change, in the order they go."""
    items = list(
        clean_up.items.select_related("write__attempt__delivery__job_change").order_by(
            "write__attempt__delivery__position",
            "write__attempt__delivery__pk",
            "write__attempt__number",
            "write__sequence",
        )
    )
    refused = sorted(
        (item for item in items if item.outcome == Outcome.REFUSED),
        key=lambda item: (stage_of(item), _member_first(item)),
    )
    place = {item.pk: number for number, item in enumerate(refused, start=1)}
    epoch = clean_up.test_run.epoch
    lines = {item.pk: _line(item, clean_up, epoch.instance_url, place) for item in items}
    groups: dict[str, list[RecordLine]] = {}
    for item in items:
        groups.setdefault(lines[item.pk].key, []).append(lines[item.pk])
    pending = [item for item in items if not item.outcome]
    deliveries = {item.write.attempt.delivery_id for item in items}
    return CleanUpView(
        clean_up=clean_up,
        chip=_chip(clean_up),
        groups=[PersonLines(part[0].person, part) for part in groups.values()],
        to_delete=sum(item.action == Action.DELETE and not item.edited for item in pending),
        to_put_back=sum(item.action == Action.PUT_BACK for item in pending),
        stays=sum(item.outcome == Outcome.LEFT for item in items),
        edited=sum(item.edited and item.action == Action.DELETE for item in items),
        by_hand=[lines[item.pk] for item in refused],
        done=sum(item.outcome in (Outcome.DONE, Outcome.GONE) for item in items),
        freed=Delivery.objects.filter(pk__in=deliveries, state=Delivery.State.WAITING).count(),
    )


def delete_list(clean_up: CleanUp) -> list[RecordLine]:
    """What somebody has to delete by hand, in the order in which it goes."""
    return clean_up_view(clean_up).by_hand


def removing_problem(run: TestRun, *, listed: bool = True) -> str:
    """Why nothing of the run can be sent or approved now, as a sentence; "" when it can.

    `listed`: also while records are left that somebody deletes by hand.
    """
    states = [State.REMOVING, State.LISTED] if listed else [State.REMOVING]
    if not run.clean_ups.filter(state__in=states).exists():
        return ""
    return _("Records of this test are being removed from the sandbox. Finish the clean-up first.")


def _line(
    item: CleanUpItem, clean_up: CleanUp, instance_url: str, place: dict[int, int]
) -> RecordLine:
    write = item.write
    job_change = write.attempt.delivery.job_change
    return RecordLine(
        person=job_change.person_name or job_change.key,
        key=job_change.key,
        label=role_label(write.role, write.object_name, write.operation),
        object_name=write.object_name,
        record_id=write.record_id,
        url="" if _is_deleted(item) else clean_up.test_run.epoch.record_url(write.record_id),
        chip=_item_chip(item, clean_up),
        reason=item.reason,
        fields=_fields(item),
        edited=item.edited,
        edited_by=item.edited_by,
        edited_at=item.edited_at,
        errors=_errors(item, instance_url),
        order=place.get(item.pk, 0),
    )


def _is_deleted(item: CleanUpItem) -> bool:
    return item.action == Action.DELETE and item.outcome in (Outcome.DONE, Outcome.GONE)


def _fields(item: CleanUpItem) -> list[FieldBack]:
    """What goes back, by the labels the org had; nothing of values that are no longer kept."""
    write = item.write
    labels = write.attempt.display.get("labels", {}).get(write.object_name, {})
    names = {**write.attempt.display.get("names", {}), **write.names}
    return [
        FieldBack(
            label=labels.get(name, name),
            ours=value_shown((write.stored or write.sent).get(name), names),
            before=value_shown(write.before.get(name), names),
        )
        for name in item.fields
    ]


def _errors(item: CleanUpItem, instance_url: str) -> list[ErrorView]:
    return [
        ErrorView(
            code=error.get("code", ""),
            message=error.get("message", ""),
            sentence=error.get("sentence", ""),
            who=error.get("who", ""),
            where=error.get("where", ""),
            fields=list(error.get("fields", ())),
            setup_url=setup_url(instance_url, error.get("setup", "")),
        )
        for error in item.errors
    ]


def _member_first(item: CleanUpItem) -> bool:
    return item.write.role != "campaign_member"


def _item_chip(item: CleanUpItem, clean_up: CleanUp) -> Chip:
    """What happens to a record, or happened."""
    deletes = item.action == Action.DELETE and item.outcome in ("", Outcome.REFUSED)
    if clean_up.state == State.FOUND and deletes and item.edited:
        return Chip(_("Stays unless you tick it"), "warn")
    if item.outcome == Outcome.LEFT:
        return Chip(_("Stays"), "")
    if item.outcome == Outcome.GONE:
        return Chip(_("Not there any more"), "ok")
    if item.outcome == Outcome.DONE:
        done = item.action == Action.DELETE
        return Chip(_("Deleted") if done else _("Put back"), "ok")
    if item.outcome == Outcome.REFUSED:
        word = _("Put back by hand") if item.action == Action.PUT_BACK else _("Delete by hand")
        return Chip(word, "warn")
    if clean_up.state == State.REMOVING:
        return Chip(_("Being removed"), "wait")
    if item.action == Action.PUT_BACK:
        return Chip(_("Is put back"), "")
    return Chip(_("Is deleted"), "")


def _chip(clean_up: CleanUp) -> Chip:
    tint = {
        State.LOOKING: "wait",
        State.REMOVING: "wait",
        State.FOUND: "warn",
        State.LISTED: "warn",
        State.DONE: "ok",
        State.FAILED: "bad",
    }.get(State(clean_up.state), "")
    return Chip(str(clean_up.get_state_display()), tint)


def _deleted_words(count: int) -> str:
    return ngettext(
        "%(count)d record that the test created is deleted",
        "%(count)d records that the test created are deleted",
        count,
    ) % {"count": count}


def _put_back_words(count: int) -> str:
    return ngettext(
        "%(count)d existing record gets back what stood in its fields",
        "%(count)d existing records get back what stood in their fields",
        count,
    ) % {"count": count}


def _by_hand_words(count: int) -> str:
    return ngettext(
        "%(count)d record is yours to delete by hand",
        "%(count)d records are yours to delete by hand",
        count,
    ) % {"count": count}


def _edited_words(count: int) -> str:
    return ngettext(
        "%(count)d record that somebody edited since stays, unless you tick it below",
        "%(count)d records that somebody edited since stay, unless you tick them below",
        count,
    ) % {"count": count}


def _stays_words(count: int) -> str:
    return ngettext("%(count)d record stays", "%(count)d records stay", count) % {"count": count}
