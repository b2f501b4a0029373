"""What our writes touch by the settings, and how checks word records, names and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.hashing import content_hash
from integrations.checks.answers import READ_CAMPAIGNS, READ_RECORDS, CannotAsk
from integrations.checks.base import CheckContext, Item, Outcome, Who
from integrations.salesforce import setup_links as setup
from integrations.salesforce.describe import FieldDescribe, ObjectDescribe
from integrations.salesforce.manifest import PackageManifest

Described = Mapping[str, ObjectDescribe]
Answer = TypeVar("Answer")

PEOPLE = ("Lead", "Contact")
_WORDS = {
    "Lead": gettext_lazy("leads"),
    "Contact": gettext_lazy("contacts"),
    "Account": gettext_lazy("accounts"),
    "CampaignMember": gettext_lazy("campaign members"),
    "Opportunity": gettext_lazy("opportunities"),
}
# As Object Manager lists them in English; an org's own labels come from its describe.
_LABELS = {"CampaignMember": gettext_lazy("Campaign Member")}
# A key goes into addresses and waivers, which hold 300 characters.
_LONGEST_KEY = 120
_NAMES_SHOWN = 8

SYSTEM_PERMISSIONS = gettext_lazy(
    "Permission Sets, the integration user’s set, System Permissions, Edit"
)
OBJECT_SETTINGS = gettext_lazy("Permission Sets, the integration user’s set, Object Settings")


# --- what we write -------------------------------------------------------------------------------


def objects_created(
    context: CheckContext, manifest: PackageManifest | None = None
) -> tuple[str, ...]:
    """The objects of which the settings can make new records, in the order of our writes.

    A new account only comes with "always a contact and account" (contact-tracking, 7.1).
    """
    able = {
        "Account": context.record_mode in ("", "always_contact"),
        "Lead": context.makes_leads,
        "Contact": context.makes_contacts,
        "CampaignMember": bool(context.campaign_id),
    }
    found = [name for name, can in able.items() if can]
    if manifest is not None and manifest.object_name:
        found.append(manifest.object_name)
    return tuple(found)


def objects_written(
    context: CheckContext, manifest: PackageManifest | None = None
) -> tuple[str, ...]:
    """The objects that we create or change: where people are written, known ones are changed."""
    # Nothing told is not "nothing": only a flow's own mode changes nobody.
    unknown = () if context.leaves_it_to_a_flow else PEOPLE
    changed = context.fields_updated or unknown
    created = objects_created(context, manifest)
    return tuple(dict.fromkeys((*created, *changed)))


def sometimes_empty(context: CheckContext, object_name: str) -> frozenset[str]:
    """Fields that a plan fills where the job change has a value, and else leaves out."""
    if object_name not in context.fields_always:
        return frozenset()
    filled = context.fields_created.get(object_name, frozenset())
    return frozenset(filled) - frozenset(context.fields_always[object_name])


# --- words ---------------------------------------------------------------------------------------


def records_word(object_name: str, described: Described) -> str:
    """The records of an object inside a sentence: "leads", "UserGem records"."""
    if object_name in _WORDS:
        return str(_WORDS[object_name])
    return str(
        format_lazy(gettext_lazy("{label} records"), label=object_label(object_name, described))
    )


def object_label(object_name: str, described: Described) -> str:
    """An object as Object Manager lists it."""
    found = described.get(object_name)
    return (found.label if found else "") or str(_LABELS.get(object_name, object_name))


def field_label(field: FieldDescribe) -> str:
    """A field by its label, with the API name where that is the customer's or a package's own."""
    if not field.label or field.label == field.name:
        return field.name
    return f"{field.label} ({field.name})" if field.name.endswith("__c") else field.label


def listed(names: Sequence[str], most: int = _NAMES_SHOWN) -> str:
    """Names as a sentence has them: "A", "A and B", "A, B and 3 more"."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(_("%(number)s more") % {"number": len(names) - most})
    if len(shown) < 2:
        return "".join(shown)
    return _("%(names)s and %(last)s") % {"names": ", ".join(shown[:-1]), "last": shown[-1]}


def counted(number: int) -> str:
    """A number with its thousands set apart."""
    return f"{number:,}"


def key_of(prefix: str, names: Iterable[str]) -> str:
    """A key that stands for exactly these names: others need a look of their own."""
    sorted_names = sorted(set(names))
    joined = ",".join(sorted_names)
    if len(joined) > _LONGEST_KEY:
        joined = content_hash(sorted_names)[:16]
    return f"{prefix}:{joined}"


# --- where a part cannot be asked ----------------------------------------------------------------


class Refusals:
    """Which parts of a check could not be asked, by the right that is missing."""

    def __init__(self) -> None:
        self._parts: dict[str, list[str]] = {}

    def answer(self, read: Callable[[], Answer], default: Answer, part: str) -> Answer:
        """What `read` answers; `default` where the right to it is missing, which is noted."""
        try:
            return read()
        except CannotAsk as refused:
            self._parts.setdefault(refused.right, []).append(part)
            return default

    def rows(self, read: Callable[[], tuple[Answer, ...]], part: str) -> tuple[Answer, ...]:
        """The rows that `read` answers; none where the right to them is missing, which is noted."""
        nothing: tuple[Answer, ...] = ()
        return self.answer(read, nothing, part)

    @property
    def missing_right(self) -> str:
        """The missing rights, as Setup calls them; "" where all was answered."""
        return ", ".join(self._parts)

    def items(self) -> list[Item]:
        """One point for each right that is missing."""
        return [
            Item(
                f"right.{right}",
                Outcome.CANNOT,
                _("Without “%(right)s”, the integration user may not read these: %(parts)s.")
                % {"right": right, "parts": listed(parts)},
                _("%(place)s: give “%(right)s”, then Save and check again. Or look there yourself.")
                % {"place": _place(right), "right": right},
                Who.ADMINISTRATOR,
                setup.PERMISSION_SETS,
            )
            for right, parts in self._parts.items()
        ]


def _place(right: str) -> str:
    """Where Setup gives a right: those to objects stand apart from the others."""
    return str(OBJECT_SETTINGS if right in (READ_CAMPAIGNS, READ_RECORDS) else SYSTEM_PERMISSIONS)
