"""The choices of where job changes go as a person reads them, from plain JSON.

`settings` is what a sign-off hashes of them: a choice that came later is missing where nobody made
it. The same words stand in the setup, in the summary, in its PDF and in differences.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.models import LeadOwnerRule, OwnerRule, RecordMode
from jobchanges.models.output import CHOICES_SINCE
from jobchanges.planning.mapping import OBJECT_OF, PAST_TARGETS
from jobchanges.planning.types import MapTarget
from jobchanges.planning.values import MAPPING_SOURCES
from jobchanges.settings_used import contacts_made, leads_made, turns_used

JSONMap = Mapping[str, Any]

_RECORDS = {
    MapTarget.PAST_CONTACT: gettext_lazy("Past contact"),
    MapTarget.PAST_LEAD: gettext_lazy("Past lead"),
    MapTarget.NEW_LEAD: gettext_lazy("New lead"),
    MapTarget.NEW_CONTACT: gettext_lazy("New contact"),
    MapTarget.NEW_ACCOUNT: gettext_lazy("New account"),
}


# What holds where nobody chose; people in turn are signed only where a rule asks for them.
_UNCHOSEN: dict[str, Any] = {**CHOICES_SINCE, "round_robin": []}


def chosen(settings: JSONMap, name: str) -> Any:
    """A choice; where nobody made it, what holds then."""
    return settings.get(name, _UNCHOSEN.get(name, ""))


def is_flow(settings: JSONMap) -> bool:
    """Whether only the package's record is written, so that most choices do nothing."""
    return chosen(settings, "record_mode") == RecordMode.FLOW_TEMPLATE


def unused_words() -> str:
    """A choice that does nothing in the chosen mode."""
    return _("not used: your flow decides")


def record_mode_words(settings: JSONMap) -> str:
    """Which record a job change becomes."""
    return _choice(RecordMode, settings["record_mode"])


def contact_owner_words(settings: JSONMap) -> str:
    """Who owns a created contact, with the field that names them."""
    if is_flow(settings):
        return unused_words()
    words = _choice(OwnerRule, settings["contact_owner_rule"])
    field = chosen(settings, "contact_owner_field")
    return f"{words} ({field})" if field else words


def lead_owner_words(settings: JSONMap) -> str:
    """Who owns a created lead, where no assignment rule chooses."""
    if is_flow(settings):
        return unused_words()
    return _choice(LeadOwnerRule, chosen(settings, "lead_owner_rule"))


def takes_turns(settings: JSONMap) -> bool:
    """Whether people take turns by these rules."""
    mode = settings["record_mode"]
    return turns_used(mode, settings["contact_owner_rule"], chosen(settings, "lead_owner_rule"))


def turns_words(settings: JSONMap, names: Mapping[str, str]) -> str:
    """The people in turn, in their order; `names` by id, without one the id stands there."""
    people = settings.get("round_robin") or []
    return ", ".join(f"{names[one]} ({one})" if names.get(one) else one for one in people) or _(
        "nobody"
    )


def lead_account_words(settings: JSONMap) -> str:
    """The customer's own lookup on the lead."""
    if is_flow(settings):
        return unused_words()
    return str(chosen(settings, "lead_account_field")) or _("none")


def past_words(settings: JSONMap) -> str:
    """What happens to the record at the past company."""
    if is_flow(settings):
        return unused_words()
    if chosen(settings, "update_past_record"):
        return _("marked as left")
    return _("linked only, nothing is written on it")


def assignment_words(settings: JSONMap) -> str:
    """Whether the org's assignment rules run on new leads."""
    if is_flow(settings):
        return unused_words()
    if settings.get("run_assignment_rules"):
        return _("run on new leads")
    return _("do not run")


def alerts_words(settings: JSONMap) -> str:
    """What happens to a record about which a duplicate rule alerts."""
    if settings.get("save_past_alerts"):
        return _("saved although a duplicate rule alerts")
    return _("refused when a duplicate rule alerts or blocks")


# --- fields filled besides -----------------------------------------------------------------------


def rows_of(settings: JSONMap) -> Iterator[JSONMap]:
    """The mapped fields, those of past records first: they are on what exists."""
    rows = chosen(settings, "field_mapping")
    order = [target.value for target in _RECORDS]
    places = {target: place for place, target in enumerate(order)}
    yield from sorted(rows, key=lambda one: places.get(one["target"], len(order)))


def row_key(row: JSONMap) -> str:
    """What names a mapped field: "past_contact.Contact_Status__c"."""
    return f"{row['target']}.{row['field']}"


def row_field(row: JSONMap) -> str:
    """The field in its org: "Contact.Contact_Status__c"."""
    return f"{OBJECT_OF.get(row['target'], '')}.{row['field']}"


def row_title(row: JSONMap, labels: Mapping[str, str]) -> str:
    """ "Past contact: Contact Status (Contact_Status__c)"; `labels` by "Contact.Status"."""
    record = str(_RECORDS.get(row["target"], row["target"]))
    label = labels.get(row_field(row), "")
    field = f"{label} ({row['field']})" if label and label != row["field"] else row["field"]
    return _("%(record)s: %(field)s") % {"record": record, "field": field}


def row_words(row: JSONMap | None) -> str:
    """What goes into a mapped field, and whether it replaces what stands there."""
    if row is None:
        return _("not filled")
    source = row["source"]
    value = _("“%(text)s”") % {"text": row["text"]}
    if source:
        value = str(MAPPING_SOURCES.get(source, source))
    words = _("filled with %(value)s")
    if row["target"] in PAST_TARGETS:
        words = _("filled with %(value)s where it is empty")
        if row["replace"]:
            words = _("filled with %(value)s, also where something stands there")
    return words % {"value": value}


def row_replaces(row: JSONMap) -> bool:
    """Whether it overwrites what people wrote."""
    return bool(row["replace"]) and row["target"] in PAST_TARGETS


def row_is_used(row: JSONMap, settings: JSONMap) -> bool:
    """Whether such records are written at all by the other choices."""
    mode, target = settings["record_mode"], row["target"]
    if target in PAST_TARGETS:
        return bool(chosen(settings, "update_past_record")) and not is_flow(settings)
    if target == MapTarget.NEW_LEAD:
        return leads_made(mode)
    if target == MapTarget.NEW_CONTACT:
        return contacts_made(mode)
    return bool(mode == RecordMode.ALWAYS_CONTACT)


def unwritten_words() -> str:
    """Why a mapped field does nothing at present."""
    return _("Not written with the other choices: no such record is made or changed.")


def replaced_count(settings: JSONMap) -> int:
    """How many fields of records that exist may be overwritten."""
    return sum(row_replaces(row) and row_is_used(row, settings) for row in rows_of(settings))


def _choice(choices: Any, value: str) -> str:
    """The words of a stored choice, also of one that exists no longer."""
    return str(choices(value).label) if value in choices.values else value
