"""A pack as its PDF reads it: names for numbers, words for times."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Environment, Event, User
from jobchanges.models import Delivery
from portal.steps import steps_for
from portal.wording import STAFF_ONLY, event_sentence

STATES = dict(Delivery.State.choices)
OUTCOMES = dict(Delivery.Outcome.choices)


class Pack:
    """The pack's JSON with what is needed to put it into words. Nothing else is read."""

    def __init__(self, pack: dict[str, Any]) -> None:
        self.data = pack
        self.people = {
            one["id"]: User(pk=one["id"], full_name=one["name"], email=one["email"])
            for one in pack["people"]
        }
        self.persons = {
            one["key"]: one["person"]
            for run in (*pack["tests"], *pack["batches"])
            for one in run.get("job_changes", ())
        }
        self.steps = {
            step.key: str(step.title)
            for path in ("sandbox_first", "production_only")
            for stage in steps_for(path)
            for step in stage.steps
        }

    def person(self, pk: int | None) -> str:
        """A person's name; the portal where nobody acted."""
        if pk is None:
            return _("The portal")
        person = self.people.get(pk)
        return str(person) if person else _("Person %(number)s") % {"number": pk}

    def by_at(self, pk: int | None, at: str | None) -> str:
        """ "Priya Shah, 2026-11-22 10:00:00 UTC"."""
        return f"{self.person(pk)}, {when(at)}" if at else ""

    def sentence(self, event: dict[str, Any]) -> str:
        """What an event of the pack says."""
        if event["action"] in STAFF_ONLY:
            return _("UserGems noted something for its own work")
        names = ("sequence", "action", "side", "environment", "org_id", "data")
        found = Event(**{name: event[name] for name in names})
        found.actor = self.people.get(event["actor"]) if event["actor"] else None
        return event_sentence(found, self.steps, self.persons)


def when(at: str | None) -> str:
    """A time of the pack in words: "2026-11-22 10:00:00 UTC"."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def org_word(environment: str) -> str:
    """ "Sandbox" or "Production"."""
    return str(dict(Environment.choices).get(environment, environment))


def outcome_words(one: dict[str, Any]) -> str:
    """What became of a job change."""
    if one["state"] == Delivery.State.DELIVERED and one["outcome"]:
        return str(OUTCOMES.get(one["outcome"], one["outcome"]))
    return str(STATES.get(one["state"], one["state"]))


def side_words(side: str, customer: str) -> str:
    """The name of a side."""
    return "UserGems" if side == "vendor" else customer
