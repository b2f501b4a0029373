"""What the portal's pages show of both orgs, and of the end of the journey."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.models import ConnectAttempt, Connection, Health, OrgEpoch
from integrations.services.health import ConnectionHealth, connection_health
from jobchanges.models import Batch
from portal.org_health import Notice, api_calls_words, health_notices
from portal.steps import Facts, Journey, StepStatus
from portal.steps.go_live_words import cadence_words
from portal.steps.words import when

# health → tint and word of the chip
HEALTH_CHIPS = {
    Health.CONNECTED: ("ok", Health.CONNECTED.label),
    Health.NEEDS_RECONNECTING: ("bad", Health.NEEDS_RECONNECTING.label),
    Health.DISCONNECTED: ("", Health.DISCONNECTED.label),
}


@dataclass(frozen=True)
class OrgCard:
    """One of the customer's two orgs: its state in a word, its facts, what to do about it."""

    environment: str
    title: str
    chip_kind: str
    chip_word: str
    sentence: str
    facts: Sequence[tuple[Any, ...]]
    connection: Connection | None
    epoch: OrgEpoch | None
    attempt: ConnectAttempt | None
    health: ConnectionHealth | None = None
    notices: Sequence[Notice] = ()

    @property
    def connected(self) -> bool:
        """Whether the org can be asked."""
        return self.connection is not None and self.connection.is_live

    @property
    def reconnectable(self) -> bool:
        """Whether there was a connection that can be made again."""
        return self.connection is not None and self.epoch is not None


def org_cards(journey: Journey) -> list[OrgCard]:
    """The customer's orgs, the sandbox first where the path has one or there was one."""
    facts = journey.facts
    wanted = [Environment.PRODUCTION]
    if journey.stages[0].key == "sandbox" or facts.connection(Environment.SANDBOX):
        wanted.insert(0, Environment.SANDBOX)
    return [_org_card(journey, facts, environment) for environment in wanted]


def _org_card(journey: Journey, facts: Facts, environment: Environment) -> OrgCard:
    connection = facts.connection(environment)
    epoch = connection.epoch if connection else None
    title = _("Sandbox org") if environment == Environment.SANDBOX else _("Production org")
    if connection is None or epoch is None:
        return OrgCard(
            environment=environment.value,
            title=title,
            chip_kind="",
            chip_word=_("Not yet"),
            sentence=_not_yet(journey, environment),
            facts=(),
            connection=None,
            epoch=None,
            attempt=facts.attempt(environment),
        )
    kind, word = HEALTH_CHIPS[Health(connection.health)]
    health = connection_health(connection, timezone.now())
    return OrgCard(
        environment=environment.value,
        title=title,
        chip_kind=kind,
        chip_word=str(word),
        # With a live connection it is what UserGems has to mend.
        sentence=connection.health_reason,
        facts=_org_facts(health, epoch),
        connection=connection,
        epoch=epoch,
        attempt=facts.attempt(environment),
        health=health,
        notices=health_notices(health, epoch),
    )


def _org_facts(health: ConnectionHealth, epoch: OrgEpoch) -> list[tuple[Any, ...]]:
    """Terms and values; what is not known is left out or said in words."""
    return [
        (_("Org"), epoch.name),
        (_("Org ID"), epoch.org_id, "mono"),
        (_("User"), epoch.username),
        (_("Package"), _package(epoch)),
        (_("API calls, last 24 h"), api_calls_words(health)),
    ]


def _package(epoch: OrgEpoch) -> str:
    if epoch.package_installed:
        return epoch.package_version or _("found")
    if epoch.package_installed is False:
        return _("not found")
    return _("not known yet")


def _not_yet(journey: Journey, environment: Environment) -> str:
    """What connecting this org waits for."""
    step = journey.step(f"{environment.value}.connect")
    sandbox_first = journey.stages[0].key == "sandbox"
    locked = step is None or step.status == StepStatus.LOCKED
    if environment == Environment.PRODUCTION and sandbox_first and locked:
        return _(
            "It is connected after the sandbox review and joins this same account: nothing is set "
            "up twice on our side."
        )
    return step.sentence if step else ""


@dataclass(frozen=True)
class LiveCard:
    """The end of the journey: since when, and the numbers of the first batch."""

    since: datetime | None
    counts: Sequence[tuple[str, str]]
    # What comes in now: how often it goes and when next; what is in the way, in a sentence.
    often: str = ""
    next_at: datetime | None = None
    waits_for: str = ""
    # Whether that takes a new summary, signed by both; else it is seen to on "New job changes".
    to_sign: bool = False


def live_card(journey: Journey) -> LiveCard | None:
    """What the home says once the first batch is through; None before."""
    found = journey.facts.batch
    if not journey.live or found is None:
        return None
    counts = [
        (_("In the first batch"), found.total),
        (_("In production"), found.delivered),
        (_("Refused or held, with the reason"), found.exceptions),
    ]
    if found.left:
        counts.append((_("Being sent again"), found.left))
    row, later = journey.facts.live.schedule, journey.facts.live.batch
    going = row is not None and row.is_on and not row.is_stopped
    waits_for = ""
    if later is not None and later.batch.state in {Batch.State.PAUSED, Batch.State.STOPPED}:
        waits_for = _("Batch %(number)s stands still. %(reason)s") % {
            "number": later.batch.number,
            "reason": later.batch.halt_reason,
        }
    elif row is not None and row.is_on:
        waits_for = row.stop_reason if row.is_stopped else row.held_reason
    return LiveCard(
        found.batch.ended_at,
        [(word, intcomma(count)) for word, count in counts],
        often=cadence_words(row),
        next_at=row.next_due_at if row is not None and going and not waits_for else None,
        waits_for=waits_for.strip(),
        to_sign=row is not None and not row.is_stopped and row.held_turn == "both",
    )


def epochs_before(cards: Sequence[OrgCard]) -> dict[str, list[OrgEpoch]]:
    """Orgs that each connection had before, by environment, the newest first. One query."""
    connections = {card.connection.pk: card for card in cards if card.connection}
    found: dict[str, list[OrgEpoch]] = {}
    for epoch in (
        OrgEpoch.objects.filter(connection__in=connections)
        .exclude(ended_at=None)
        .order_by("-number")
    ):
        found.setdefault(connections[epoch.connection_id].environment, []).append(epoch)
    return found


def epoch_line(epoch: OrgEpoch) -> str:
    """An earlier org in one line: from when to when."""
    ended = when(epoch.ended_at) if epoch.ended_at else ""
    return _("%(org)s, %(id)s: %(start)s to %(end)s") % {
        "org": epoch.name,
        "id": epoch.org_id,
        "start": when(epoch.started_at),
        "end": ended,
    }
