"""The settings in a frozen summary: each choice, and each field of theirs that we write."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import settings_words
from portal.signoff import words
from portal.signoff.types import PLAIN, WARN, Row, Section


def settings_section(content: Mapping[str, Any], shown: Mapping[str, Any]) -> Section:
    """Each choice of where job changes go, in a line."""
    chosen = content["settings"]
    rows = [
        Row(_("Record"), words.record_mode_words(content)),
        Row(_("Owner of a created contact"), words.owner_rule_words(content)),
        Row(_("Owner of a created lead"), words.lead_owner_words(content)),
    ]
    if settings_words.takes_turns(chosen):
        rows.append(Row(_("People in turn"), words.turns_words(content, shown)))
    rows += [
        Row(_("Default owner"), words.default_owner_words(content, shown)),
        Row(_("Lead source"), words.lead_source_words(content)),
        Row(_("Campaign"), words.campaign_words(content, shown)),
        Row(_("Account on the lead, in your field"), words.lead_account_words(content)),
        Row(_("Lead assignment rules"), words.assignment_words(content)),
        Row(_("Records that look like duplicates"), words.alerts_words(content)),
        Row(_("Record at the past company"), words.past_words(content)),
    ]
    kept = _("Records that exist keep what they hold: only empty fields are filled.")
    replaced = settings_words.replaced_count(chosen)
    if replaced:
        kept = ngettext(
            "Records that exist keep what they hold, but for one field that you let us replace. It "
            "is listed under “Fields filled besides”.",
            "Records that exist keep what they hold, but for %(count)s fields that you let us "
            "replace. They are listed under “Fields filled besides”.",
            replaced,
        ) % {"count": replaced}
    return Section("settings", _("Where job changes go"), rows, sentence=kept)


def fields_section(content: Mapping[str, Any], shown: Mapping[str, Any]) -> list[Section]:
    """Each mapped field in a line of its own, those of records that exist first."""
    chosen = content["settings"]
    rows = [
        Row(
            settings_words.row_title(row, shown.get("fields", {})),
            settings_words.row_words(row),
            WARN if settings_words.row_replaces(row) else PLAIN,
            "" if settings_words.row_is_used(row, chosen) else settings_words.unwritten_words(),
        )
        for row in settings_words.rows_of(chosen)
    ]
    if not rows:
        return []
    notice = ""
    if settings_words.replaced_count(chosen):
        notice = _(
            "Where it says “also where something stands there”, UserGems overwrites what your "
            "people wrote in that field of the lead or contact at the past company. What stood "
            "there is kept in the record of each delivery."
        )
    return [Section("fields", _("Fields filled besides"), rows, notice=notice)]
