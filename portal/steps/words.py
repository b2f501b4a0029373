"""Words that several steps share: dates as the pages write them, and whose turn it is."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, User


def when(moment: datetime) -> str:
    """A moment in the reader's time zone: "18 Nov, 14:02", with the year when it is another."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localtime().year
    return date_format(local, "j M, H:i" if this_year else "j M Y, H:i")


def clock(moment: datetime) -> str:
    """A moment of today as "14:02", of another day with the day."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localtime().date():
        return date_format(local, "H:i")
    return when(moment)


def day(moment: datetime) -> str:
    """A day in the reader's time zone: "19 Nov"."""
    local = timezone.localtime(moment)
    this_year = local.year == timezone.localtime().year
    return date_format(local, "j M" if this_year else "j M Y")


def on_day(moment: datetime, *, waived_by: str, reason: str) -> str:
    """Who waived a step and why."""
    return _("Waived by %(person)s, %(day)s: %(reason)s") % {
        "person": waived_by,
        "day": day(moment),
        "reason": reason,
    }


def confirmed(person: User, moment: datetime) -> str:
    """Who vouched for a step. Never reads as if it had been checked."""
    return _("Confirmed by %(person)s, not checked, %(day)s") % {
        "person": person,
        "day": day(moment),
    }


def manager_name(customer: Customer) -> str:
    """What the customer's people call their implementation manager."""
    manager = customer.implementation_manager
    return manager.first_name if manager else _("Your implementation manager")


def turn_of(name: str) -> str:
    """Whose turn it is, by name: "Maya’s turn"."""
    return _("%(name)s’s turn") % {"name": name}


def opens_after(numbers: Sequence[int]) -> str:
    """Which steps open this one: "Opens after step 4"."""
    return ngettext("Opens after step %(steps)s", "Opens after steps %(steps)s", len(numbers)) % {
        "steps": ", ".join(str(number) for number in numbers)
    }
