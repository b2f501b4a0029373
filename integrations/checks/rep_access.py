"""Whether the people who work with the records may see what we write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import ProfileUsers
from integrations.checks.base import Check, CheckContext, Finding, Item, Outcome, Who
from integrations.checks.rights import (
    fields_or_all,
    key_of,
    manifest_wanted,
    not_seen_yet,
    plural,
    rights_words,
)
from integrations.checks.shown import rep_profiles
from integrations.checks.survey_grants import MOST_PROFILES
from integrations.salesforce import setup_links as setup
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey


class RepAccess(Check):
    """ObjectPermissions and FieldPermissions of profiles and of the sets their people have.

    A set counts for a profile where at least one of its active people has it.
    """

    name = "rep_access"
    step = "permissions"
    needs = (
        "manifest",
        "package",
        "described",
        "profiles",
        "user",
        "object_grants",
        "field_grants",
    )

    @property
    def question(self) -> str:
        """What is asked."""
        return _("Can your reps see what UserGems writes?")

    @property
    def why(self) -> str:
        """Why it matters."""
        return _(
            "The UserGems component stays empty for whoever may not read and edit UserGems "
            "records, and a field they may not read is not on their page at all."
        )

    def run(self, survey: Survey, context: CheckContext) -> Finding:
        """Profiles whose people work leads fail without access; other profiles warn."""
        manifest = manifest_wanted(survey)
        if manifest is None:
            return not_seen_yet()
        profiles = rep_profiles(survey)
        if not profiles:
            return Finding(
                Outcome.WARNING,
                _("No active people other than administrators and the integration user."),
                [
                    Item(
                        "profiles.none",
                        Outcome.WARNING,
                        _("This org has nobody yet whose access could be looked at."),
                        _("Users: give your reps a user with their profile, then check again."),
                        Who.ADMINISTRATOR,
                        setup.USERS,
                    )
                ],
            )
        points = {profile: [*_points(survey, profile, manifest)] for profile in profiles}
        items = [item for found_here in points.values() for item in found_here]
        if len(survey.profiles) >= MOST_PROFILES:
            items.append(_left_out())
        found = _("Profiles that see everything: %(right)d of %(all)d. Looked at: %(names)s.") % {
            "right": sum(1 for found_here in points.values() if not found_here),
            "all": len(profiles),
            "names": ", ".join(f"{profile.name} ({profile.users})" for profile in profiles),
        }
        return Finding.of(items, found=found)


def _left_out() -> Item:
    return Item(
        "profiles.more",
        Outcome.PASS,
        _("Only the %(most)d profiles with the most people were looked at.")
        % {"most": MOST_PROFILES},
    )


def _points(survey: Survey, profile: ProfileUsers, manifest: PackageManifest) -> Iterator[Item]:
    outcome = Outcome.FAIL if _works_leads(survey, profile) else Outcome.WARNING
    lacking: set[str] = set()
    if manifest.object_name:
        lacking = {"read", "edit"} - _object_rights(survey, profile, manifest.object_name)
        if lacking:
            yield _object_point(
                survey, profile, outcome, key_of(profile.name, "object", lacking), lacking
            )
    for object_name in ("Lead", "Contact", "Account", manifest.object_name):
        if object_name == manifest.object_name and "read" in lacking:
            # Without the object, its fields are hidden as well: said once.
            continue
        there = _fields_there(survey, manifest, object_name)
        hidden = there - _fields_seen(survey, profile, object_name)
        if hidden:
            words = {
                "count": profile.users,
                "profile": profile.name,
                "object": plural(object_name, survey.described),
                "fields": fields_or_all(hidden, there, survey.described, object_name),
            }
            yield Item(
                key_of(profile.name, f"{object_name}.fields", hidden),
                outcome,
                _(
                    "People with the profile %(profile)s (%(count)d) cannot see on %(object)s: "
                    "%(fields)s."
                )
                % words,
                _(
                    "Profiles, %(profile)s, Object Settings, %(object)s, Edit: tick Read Access "
                    "on these fields, then Save. Or do so in a permission set that its people "
                    "have."
                )
                % words,
                Who.ADMINISTRATOR,
                setup.PROFILES,
            )


def _object_point(
    survey: Survey, profile: ProfileUsers, outcome: Outcome, key: str, lacking: set[str]
) -> Item:
    words = {
        "count": profile.users,
        "profile": profile.name,
        "rights": rights_words(lacking),
    }
    if "read" in lacking:
        sentence = _(
            "People with the profile %(profile)s (%(count)d) cannot see UserGems records: the "
            "component and the related list are missing for them."
        )
    else:
        sentence = _(
            "People with the profile %(profile)s (%(count)d) may read UserGems records, and not "
            "edit them: the component stays empty for them."
        )
    fix = _(
        "Profiles, %(profile)s, Object Settings, UserGems, Edit: tick Read and Edit, and Read "
        "Access on all its fields, then Save. Or do so in a permission set that its people have. "
        "After “Install for Admins Only”, installing once more with Install for All Users gives "
        "it to everybody."
    )
    return Item(key, outcome, sentence % words, fix % words, Who.ADMINISTRATOR, setup.PROFILES)


def _works_leads(survey: Survey, profile: ProfileUsers) -> bool:
    """Whether people of the profile may edit leads; yes where the org shows nobody's rights."""
    grants = [grant for grant in survey.object_grants if grant.object_name == "Lead"]
    return not grants or "edit" in _object_rights(survey, profile, "Lead")


def _object_rights(survey: Survey, profile: ProfileUsers, object_name: str) -> set[str]:
    found: set[str] = set()
    for grant in survey.object_grants:
        if grant.object_name != object_name:
            continue
        if grant.profile == profile.name or grant.set_id in profile.set_ids:
            found |= {"read"} if grant.read else set()
            found |= {"edit"} if grant.edit else set()
    return found


def _fields_there(survey: Survey, manifest: PackageManifest, object_name: str) -> frozenset[str]:
    """Fields of the package that are in the org and that people have to be let see."""
    described = survey.described.get(object_name)
    seen = described.fields if described else {}
    wanted = manifest.fields_on(object_name) - {manifest.key_field, manifest.attempt_field}
    # A field that must be filled is visible to everybody, and has no rows.
    wanted -= {name for name, field in seen.items() if field.required}
    # Hidden from the integration user, but somebody sees it: it is there.
    granted = {grant.field for grant in survey.field_grants}
    return frozenset(name for name in wanted if name in seen or f"{object_name}.{name}" in granted)


def _fields_seen(survey: Survey, profile: ProfileUsers, object_name: str) -> set[str]:
    """Fields of the object that the profile, or a set of its people, lets them read."""
    return {
        grant.field.removeprefix(f"{object_name}.")
        for grant in survey.field_grants
        if grant.read
        and grant.field.startswith(f"{object_name}.")
        and (grant.profile == profile.name or grant.set_id in profile.set_ids)
    }
