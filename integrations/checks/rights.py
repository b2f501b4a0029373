"""What the permission and layout checks share: names as Setup shows them, and whom to change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.hashing import content_hash
from integrations.checks.answers import CannotAsk, GrantingSet
from integrations.checks.base import Finding, not_looked_at
from integrations.salesforce.describe import ObjectDescribe
from integrations.salesforce.manifest import MANIFESTS, PackageManifest

if TYPE_CHECKING:
    from integrations.checks.survey import Survey

# The set we recommend to make where the user has none that fits.
RECOMMENDED_SET = "UserGems Integration"
LONGEST_NAMES = 100
# So many fields are not named twice in one point.
MANY = 4
# Its users work through the API only: they see no page.
API_LICENSE = "Salesforce Integration"
ADMINISTRATOR_PROFILE = "System Administrator"
# The package whose object is looked for while nothing of it is seen.
EXPECTED = next(iter(MANIFESTS.values()))

_PLURALS = {
    "Lead": gettext_lazy("Leads"),
    "Contact": gettext_lazy("Contacts"),
    "Account": gettext_lazy("Accounts"),
    "Campaign": gettext_lazy("Campaigns"),
    "CampaignMember": gettext_lazy("Campaign Members"),
    "Opportunity": gettext_lazy("Opportunities"),
    "OpportunityContactRole": gettext_lazy("Opportunity Contact Roles"),
    "Task": gettext_lazy("Tasks"),
    "Event": gettext_lazy("Events"),
    EXPECTED.object_name: gettext_lazy("UserGems"),
}
_RIGHTS = {
    "read": gettext_lazy("Read"),
    "create": gettext_lazy("Create"),
    "edit": gettext_lazy("Edit"),
    "delete": gettext_lazy("Delete"),
    "view_all": gettext_lazy("View All"),
    "modify_all": gettext_lazy("Modify All"),
}

# Setup gives access to an address as a whole (contact-tracking, 5.5).
_ADDRESS_PART = re.compile(
    r"(?P<kind>Billing|Shipping|Mailing|Other)?"
    r"(?:Street|City|State|StateCode|PostalCode|Country|CountryCode)"
)

Described = Mapping[str, ObjectDescribe]


def plural(object_name: str, described: Described) -> str:
    """An object as Object Settings lists it; its label where we have no word for it."""
    known = _PLURALS.get(object_name)
    if known is not None:
        return str(known)
    found = described.get(object_name)
    return found.label if found else object_name


def rights_words(rights: Iterable[str]) -> str:
    """Rights as Setup calls them, in Setup's order: "Read, Create, Edit"."""
    wanted = set(rights)
    return ", ".join(str(word) for right, word in _RIGHTS.items() if right in wanted)


def field_words(fields: Iterable[str], described: Described, object_name: str) -> str:
    """Fields as people know them, with the API name behind those of a package or one's own."""
    words = (_field_word(field, described, object_name) for field in sorted(fields))
    return ", ".join(dict.fromkeys(words))


def fields_or_all(
    fields: frozenset[str], whole: frozenset[str], described: Described, object_name: str
) -> str:
    """Fields by name; "all 13 UG fields" where it is all that the package has there."""
    if len(fields) >= MANY and fields >= whole:
        more = fields - whole
        words = _("all %(count)d UG fields") % {"count": len(whole)}
        return f"{words}, {field_words(more, described, object_name)}" if more else words
    return field_words(fields, described, object_name)


def _field_word(field: str, described: Described, object_name: str) -> str:
    """A field hidden on one object often has its label from another, where it is seen."""
    if whole := whole_field(field):
        return whole
    own_first = sorted(described.values(), key=lambda found: found.name != object_name)
    label = next((found.fields[field].label for found in own_first if field in found.fields), "")
    if not label or label == field:
        return field
    if field.endswith("__c"):
        return f"{label} ({field})"
    # "Owner ID" is the label that describe gives; Setup lists the field without the ending.
    return label.removesuffix(" ID") if field.endswith("Id") else label


def whole_field(field: str) -> str:
    """The row of Object Settings that holds a part of an address or of a person's name."""
    if found := _ADDRESS_PART.fullmatch(field):
        kind = found["kind"]
        return _("%(kind)s Address") % {"kind": kind} if kind else _("Address")
    return _("Name") if field in ("FirstName", "LastName", "Salutation") else ""


def key_of(object_name: str, kind: str, names: Iterable[str]) -> str:
    """The key of a point about several names: its hash changes with them, as a waiver must.

    Many names are written as their number and a hash: a waiver keeps 300 characters.
    """
    listed = sorted(names)
    joined = ",".join(listed)
    if len(joined) > LONGEST_NAMES:
        joined = f"{len(listed)}-{content_hash(listed)[:16]}"
    return f"{object_name}.{kind}:{joined}"


# --- the package ---------------------------------------------------------------------------------


def manifest_wanted(survey: Survey) -> PackageManifest | None:
    """The package whose parts others have to see; None where nobody knows that it is installed.

    Where it is installed and hidden from the integration user, the newest: what is hidden is
    looked for by its name. Needs `manifest` and `package`.
    """
    if survey.manifest is not None:
        return survey.manifest
    return EXPECTED if survey.package.installed else None


def manifest_seen(survey: Survey) -> PackageManifest | None:
    """The package, where the integration user sees its object; otherwise the check of the package
    says what is wrong, and says it once. Needs `manifest` and `described`.
    """
    manifest = survey.manifest
    return manifest if manifest and manifest.object_name in survey.described else None


def not_seen_yet() -> Finding:
    """What a check of the package's parts says before there is a package: nothing to look at.

    No failure of its own: the check of the package has it, and the steps wait for that one.
    """
    return not_looked_at(_("Looked at once the package is installed and seen."))


def later() -> str:
    """That the package's parts are still to be looked at."""
    return _("UserGems’ own parts are looked at once the package is installed and seen.")


# --- which permission set to change --------------------------------------------------------------


def own_sets(survey: Survey) -> tuple[GrantingSet, ...]:
    """Sets of the running user, the profile's among them; empty where they cannot be read."""
    try:
        return survey.permission_sets
    except CannotAsk:
        return ()


def set_to_change(survey: Survey) -> str:
    """Label of the user's permission set to add rights to; "" where none fits.

    A package's set cannot be changed, and a profile's rights would go to all its users.
    """
    sets = [found for found in own_sets(survey) if not found.profile and not found.namespace]
    for word in ("usergem", "integration"):
        for found in sets:
            if word in f"{found.label} {found.name}".lower().replace(" ", ""):
                return found.label
    return ""


def set_path(survey: Survey) -> str:
    """The click path to that permission set, or to making one; an area of the set follows."""
    label = set_to_change(survey)
    if label:
        return _("Permission Sets, %(set)s") % {"set": label}
    if not own_sets(survey):
        # Every user has the one behind the profile: none at all means that they are not shown.
        return _("Permission Sets, the set of the integration user")
    return _(
        "Permission Sets, New: make one named “%(set)s” with the license “None”, and add the "
        "integration user under Manage Assignments. In it"
    ) % {"set": RECOMMENDED_SET}


def fix_object(survey: Survey, object_name: str, rights: Iterable[str]) -> str:
    """The click path to object rights of the running user."""
    return fix_on_object(
        set_path(survey), object_name, plural(object_name, survey.described), rights
    )


def fix_on_object(path: str, object_name: str, objects: str, rights: Iterable[str]) -> str:
    """The same below a permission set's `path`, with the object in words.

    Activities, campaign members and contact roles have no rights of their own in Object Settings.
    """
    said = {"path": path, "objects": objects, "rights": rights_words(rights)}
    if object_name in ("Task", "Event"):
        said["word"] = _("Edit Tasks") if object_name == "Task" else _("Edit Events")
        words = _(
            "%(path)s: type “%(word)s” into Find Settings, tick Access Activities and %(word)s, "
            "then Save."
        )
    elif object_name == "CampaignMember":
        # Campaign and person decide (platform reference, 4.4).
        words = _(
            "%(path)s, Object Settings, Edit: tick Read and Edit on Campaigns, Leads and Contacts, "
            "then Save."
        )
    elif object_name == "OpportunityContactRole":
        words = _(
            "%(path)s, Object Settings, Edit: tick Read on Opportunities and Contacts, then Save."
        )
    else:
        words = _("%(path)s, Object Settings, %(objects)s, Edit: tick %(rights)s, then Save.")
    return words % said


def fix_fields(survey: Survey, object_name: str, fields: frozenset[str], access: str) -> str:
    """The click path to field rights of the running user; `access` as Setup calls the boxes.

    Many fields are called "these": the sentence before it names them.
    """
    named = field_words(fields, survey.described, object_name)
    return _(
        "%(path)s, Object Settings, %(object)s, Edit: tick %(access)s on %(fields)s, then Save."
    ) % {
        "path": set_path(survey),
        "object": plural(object_name, survey.described),
        "access": access,
        "fields": named if len(fields) < MANY else _("these fields"),
    }


def fix_system(survey: Survey, labels: Iterable[str]) -> str:
    """The click path to system permissions of the running user."""
    return _("%(path)s, System Permissions, Edit: tick %(rights)s, then Save.") % {
        "path": set_path(survey),
        "rights": ", ".join(labels),
    }
