"""Narrowing what happened: by who, what, where, when, and words. The address holds the choice."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer, Environment, Event, User
from portal.activity.words import word_matches

# Kind → what stands before the dot of its actions.
KINDS: Mapping[str, tuple[str | Promise, tuple[str, ...]]] = {
    "access": (
        gettext_lazy("People and access"),
        ("membership", "signup_link", "customer", "note"),
    ),
    "orgs": (gettext_lazy("Connections to Salesforce"), ("connection",)),
    "checks": (gettext_lazy("Checks"), ("checks", "point")),
    "steps": (gettext_lazy("Steps"), ("step", "mirror")),
    "settings": (
        gettext_lazy("Settings"),
        ("settings", "people_source", "tracking_report", "schedule", "notifications"),
    ),
    "tests": (gettext_lazy("Tests"), ("test_run", "delivery", "picks")),
    "records": (gettext_lazy("Job changes and records"), ("job_changes", "deliveries", "ledger")),
    "go_live": (gettext_lazy("Going live"), ("sign_off", "launch", "batch", "evidence")),
}
SIDES: Sequence[tuple[str, str | Promise]] = (
    ("customer", gettext_lazy("Anybody of the company")),
    ("vendor", gettext_lazy("Anybody of UserGems")),
    ("system", gettext_lazy("The portal itself")),
)
# The tz database and the databases agree on these years; nothing here is older.
EARLIEST, LATEST = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)
MOST_WORDS = 6


class ActivityForm(forms.Form):
    """What somebody looks for. A part that makes no sense is said and left out."""

    q = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=100, widget=forms.TextInput()
    )
    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        required=False,
        choices=[
            ("", gettext_lazy("Everything")),
            *((kind, label) for kind, (label, _subjects) in KINDS.items()),
        ],
    )
    environment = forms.ChoiceField(
        label=gettext_lazy("Org"),
        required=False,
        choices=[("", gettext_lazy("Any org or none")), *Environment.choices],
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("To"), required=False)

    def __init__(self, data: Mapping[str, Any], *, people: Iterable[User]) -> None:
        super().__init__(data, auto_id="activity-%s")
        self.use_required_attribute = False
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)  # noqa: S101 (for the type checker)
        who.choices = [
            ("", _("Everybody")),
            *((value, str(label)) for value, label in SIDES),
            *((str(person.pk), str(person)) for person in people),
        ]
        self.fields["q"].widget.input_type = "search"
        for name in ("since", "until"):
            field = self.fields[name]
            field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            field.validators += [
                MinValueValidator(EARLIEST, _("Nothing happened before the year 2000.")),
                MaxValueValidator(LATEST, _("Choose a day before the year 2100.")),
            ]

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for and makes sense, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, events: QuerySet[Event], *, customer: Customer | None) -> QuerySet[Event]:
        """The events that are asked for. `customer`: whose they are; None for those of several."""
        asked = self.asked
        if who := asked.get("who"):
            is_person = who.isdecimal()
            events = events.filter(Q(actor=int(who)) if is_person else Q(side=who))
        if kind := asked.get("kind"):
            events = events.filter(kind_matches(kind))
        if environment := asked.get("environment"):
            events = events.filter(environment=environment)
        if since := asked.get("since"):
            events = events.filter(created_at__gte=_start_of(since))
        if until := asked.get("until"):
            end = _start_of(until + datetime.timedelta(days=1))
            events = events.filter(created_at__lt=end)
        for word in str(asked.get("q", "")).split()[:MOST_WORDS]:
            events = events.filter(word_matches(word, customer=customer))
        return events


def kind_matches(kind: str) -> Q:
    """The actions of a kind."""
    found = Q()
    for subject in KINDS[kind][1]:
        found |= Q(action__startswith=f"{subject}.")
    return found


def actors_of(events: QuerySet[Event]) -> list[User]:
    """Everybody who did any of it, by name."""
    return list(User.objects.filter(pk__in=events.order_by().values("actor").distinct()))


def _start_of(day: datetime.date) -> datetime.datetime:
    """Midnight where the reader is."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
