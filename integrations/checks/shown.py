"""What people who work with the records see: whose profiles count, which layouts and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from integrations.checks.answers import CannotAsk, LayoutFacts, PageFacts, ProfileUsers
from integrations.checks.base import Item, Outcome
from integrations.checks.rights import ADMINISTRATOR_PROFILE, API_LICENSE
from integrations.checks.survey_pages import MOST_LAYOUTS, MOST_PAGES
from integrations.salesforce.manifest import PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# What `rep_profiles` and `rep_layouts` read of the survey.
REPS_NEED = ("profiles", "user", "object_grants")
DETAIL_PANEL = "force:detailPanel"
RELATED_LISTS = "force:relatedListContainer"


def rep_profiles(survey: Survey) -> tuple[ProfileUsers, ...]:
    """Profiles with active people other than the integration user and administrators.

    Raises CannotAsk where profiles may not be read.
    """
    return tuple(
        profile
        for profile in {found.name: found for found in survey.profiles}.values()
        if profile.users > _own(survey, profile) and not _administers(survey, profile)
    )


def rep_layouts(survey: Survey, object_name: str) -> tuple[LayoutFacts, ...]:
    """The page layouts that those people see; all of them where the org does not say which."""
    # Names are unique in an org, and keys of points are made of them.
    layouts = tuple({found.name: found for found in survey.layouts.get(object_name, ())}.values())
    try:
        reps = {profile.profile_id for profile in rep_profiles(survey)}
    except CannotAsk:
        reps = set()
    if not reps:
        return layouts
    return tuple(
        found for found in layouts if found.profile_ids is None or found.profile_ids & reps
    )


def layouts_left_out(survey: Survey, object_name: str) -> Item | None:
    """What is said where an object has more page layouts than are looked at; else None."""
    if len(survey.layouts.get(object_name, ())) < MOST_LAYOUTS:
        return None
    return Item(
        f"{object_name}.layouts.more",
        Outcome.PASS,
        _("Of %(object)s, only the %(most)d page layouts that most people see were looked at.")
        % {"object": object_name, "most": MOST_LAYOUTS},
    )


def pages_left_out(survey: Survey, object_name: str) -> bool:
    """Whether an object may have more Lightning pages than were looked at."""
    return len(pages_of(survey, object_name)) >= MOST_PAGES


def pages_of(survey: Survey, object_name: str) -> tuple[PageFacts, ...]:
    """The Lightning record pages of an object."""
    pages = {page.name: page for page in survey.record_pages if page.object_name == object_name}
    return tuple(pages.values())


def default_page(survey: Survey, object_name: str) -> PageFacts | None:
    """The page that is the org's default; None where there is none, or it is not told."""
    return next((page for page in pages_of(survey, object_name) if page.org_default), None)


def has_own_fields(page: PageFacts) -> bool:
    """Whether the page shows fields of its own (Dynamic Forms) in place of the page layout's."""
    return bool(page.fields) and DETAIL_PANEL not in page.components


def has_component(page: PageFacts, manifest: PackageManifest) -> bool:
    """Whether a component of the package stands on the page."""
    return any(
        name in manifest.components or name.startswith(f"{manifest.namespace}:")
        for name in page.components
    )


def lookups_to(manifest: PackageManifest, object_name: str) -> frozenset[str]:
    """The lookups of the package's record that lead to an object: past and new."""
    return frozenset(
        field
        for word, field in manifest.lookups.items()
        if word.partition("_")[2] == object_name.lower()
    )


def _own(survey: Survey, profile: ProfileUsers) -> int:
    """How many of a profile's people are the integration user, or others that see no page."""
    if not profile.name or profile.name != survey.user.profile:
        return 0
    return profile.users if survey.user.license == API_LICENSE else 1


def _administers(survey: Survey, profile: ProfileUsers) -> bool:
    """Whether the profile is an administrator's: by its name, or because it may change all leads
    and contacts, as a copy of it does and a translated one.
    """
    if profile.name == ADMINISTRATOR_PROFILE:
        return True
    try:
        grants = survey.object_grants
    except CannotAsk:
        return False
    all_of = {
        grant.object_name for grant in grants if grant.profile == profile.name and grant.modify_all
    }
    return {"Lead", "Contact"} <= all_of
