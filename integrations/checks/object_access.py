"""Whether the integration user has the object rights that job changes and the list need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import VIEW_SETUP, CannotAsk
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.permissions import ObjectWants, permission_list, wants
from integrations.checks.rights import (
    fix_object,
    key_of,
    later,
    manifest_seen,
    own_sets,
    plural,
    rights_words,
)
from integrations.salesforce import setup_links as setup
from integrations.salesforce.describe import ObjectDescribe

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# Rights over records of everybody: not in a describe, only in what the user's sets grant.
_ALL_RECORDS = frozenset({"view_all", "modify_all"})


class ObjectAccess(Check):
    """Effective rights from describe; View All and Modify All from the sets of the user."""

    name = "object_access"
    step = "permissions"
    needs = (
        "described",
        "manifest",
        "permission_sets",
        "object_grants",
        "system_permissions",
    )

    @property
    def question(self) -> str:
        """What is asked."""
        return _("May the integration user read, create and edit the objects we use?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "Without the right to an object, Salesforce refuses the records we write to it. What "
            "is only on UserGems’ list, and not written here, is shown as advice."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """One point an object and kind of need; what delivery needs fails, the rest warns."""
        manifest = manifest_seen(survey)
        listed = permission_list(context.permission_list)
        items: list[Item] = []
        objects = wants(context, manifest)
        for wanted in objects:
            items.extend(self._points(survey, wanted))
        short = {item.key.partition(".")[0] for item in items if item.outcome != Outcome.PASS}
        found = _(
            "%(right)d of %(all)d objects are open as we need them (UserGems’ list %(list)s)."
        ) % {
            "right": len(objects) - len(short),
            "all": len(objects),
            "list": listed.version,
        }
        if manifest is None:
            found += " " + later()
        return Finding.of(items, found=found)

    def _points(self, survey: Survey, wanted: ObjectWants) -> Iterator[Item]:
        described = survey.described.get(wanted.name)
        lacking = frozenset(
            right
            for right in (wanted.rights | wanted.listed_rights) - _ALL_RECORDS
            if not _has(described, right)
        )
        needed = lacking & wanted.rights
        if needed:
            yield self._lacks(survey, wanted, needed, Outcome.FAIL, seen=described is not None)
        # A right that only the list names: advice, also where the object is not seen at all.
        elif lacking:
            yield self._lacks(survey, wanted, lacking, Outcome.WARNING, seen=described is not None)
        if needed and lacking - needed:
            yield self._lacks(survey, wanted, lacking - needed, Outcome.WARNING, seen=True)
        if described is None:
            return
        over_all = wanted.listed_rights & _ALL_RECORDS
        if over_all:
            yield from self._over_all(survey, wanted.name, over_all)
        if not lacking:
            yield Item(
                f"{wanted.name}.rights",
                Outcome.PASS,
                _("%(object)s: %(rights)s.")
                % {
                    "object": plural(wanted.name, survey.described),
                    "rights": rights_words((wanted.rights | wanted.listed_rights) - _ALL_RECORDS),
                },
            )

    def _lacks(
        self,
        survey: Survey,
        wanted: ObjectWants,
        rights: frozenset[str],
        outcome: Outcome,
        *,
        seen: bool,
    ) -> Item:
        words = {
            "object": plural(wanted.name, survey.described),
            "rights": rights_words(rights),
        }
        if outcome == Outcome.WARNING:
            sentence = _(
                "UserGems’ list asks for %(rights)s on %(object)s, which the integration user "
                "lacks. Your job changes are delivered without it."
            )
        elif rights == {"read"}:
            sentence = _(
                "The integration user cannot see %(object)s, where job changes are looked up or "
                "linked to."
            )
        elif not seen:
            sentence = _(
                "The integration user cannot see %(object)s at all, so nothing can be written "
                "there. It needs %(rights)s."
            )
        else:
            sentence = _(
                "The integration user lacks %(rights)s on %(object)s, and job changes are "
                "written there."
            )
        return Item(
            key_of(wanted.name, "rights", rights),
            outcome,
            sentence % words,
            fix_object(survey, wanted.name, rights),
            Who.ADMINISTRATOR,
            setup.PERMISSION_SETS,
        )

    def _over_all(self, survey: Survey, name: str, rights: frozenset[str]) -> Iterator[Item]:
        words = {"object": plural(name, survey.described), "rights": rights_words(rights)}
        try:
            lacking = frozenset(right for right in rights if not _over_all(survey, name, right))
        except CannotAsk:
            yield Item(
                key_of(name, "unread", rights),
                Outcome.WARNING,
                _(
                    "Whether the integration user has %(rights)s on %(object)s could not be read "
                    "without “%(right)s”. It is on UserGems’ list."
                )
                % {**words, "right": VIEW_SETUP},
                fix_object(survey, name, rights),
                Who.ADMINISTRATOR,
                setup.PERMISSION_SETS,
            )
            return
        if lacking:
            yield Item(
                key_of(name, "rights", lacking),
                Outcome.WARNING,
                _(
                    "UserGems’ list asks for %(rights)s on %(object)s, which the integration "
                    "user lacks. Records that others own may stay unseen."
                )
                % {**words, "rights": rights_words(lacking)},
                fix_object(survey, name, lacking),
                Who.ADMINISTRATOR,
                setup.PERMISSION_SETS,
            )


def _has(described: ObjectDescribe | None, right: str) -> bool:
    if described is None:
        return False
    return {
        "read": described.queryable,
        "create": described.createable,
        "edit": described.updateable,
        "delete": described.deletable,
    }[right]


def _over_all(survey: Survey, name: str, right: str) -> bool:
    """Whether any set of the user grants it. Raises CannotAsk where rights may not be read."""
    system = survey.system_permissions
    if system.get("ModifyAllData") or (right == "view_all" and system.get("ViewAllData")):
        return True
    own = {found.set_id for found in own_sets(survey)}
    return any(
        grant.modify_all or (right == "view_all" and grant.view_all)
        for grant in survey.object_grants
        if grant.object_name == name and grant.set_id in own
    )
