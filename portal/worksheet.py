"""The worksheet: what has to be in production as it was in the tested sandbox, in six parts.

The parts are those of the seed guide ("Moving from Sandbox to Production"); what a change set
takes along and what is left to do by hand follows contact-tracking, section 11. Names come from
the package's manifest and from what was chosen for the sandbox. The portal does not compare the
orgs here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1, PackageManifest
from jobchanges.models import RecordMode
from portal.steps import Facts

PEOPLE_OBJECTS = ("Lead", "Contact")


@dataclass(frozen=True)
class Component:
    """One line of a change set: its type as Salesforce lists it, and the API names."""

    kind: str
    names: Sequence[str] = ()
    note: str = ""


@dataclass(frozen=True)
class Part:
    """One of the six parts. `names`: API names to compare one by one, folded on screen."""

    key: str
    title: str
    about: str
    components: Sequence[Component] = ()
    by_hand: Sequence[str] = ()
    names: Sequence[str] = ()
    names_label: str = ""
    names_open: bool = True
    permissions: bool = False


def worksheet_parts(facts: Facts) -> list[Part]:
    """The six parts for one customer. No query, no call: only what is known already."""
    manifest = _manifest(facts)
    return [
        _custom_fields(manifest),
        _page_layouts(),
        _lead_conversion(facts, manifest),
        _campaigns(facts),
        _related_lists(manifest),
        _permissions(facts),
    ]


def _manifest(facts: Facts) -> PackageManifest:
    """The package of the tested sandbox; the current one where none was found."""
    epoch = facts.epoch(Environment.SANDBOX)
    found = MANIFESTS.get(epoch.package_manifest) if epoch else None
    return found if found is not None and found.can_deliver else USERGEM_1


def _fields(manifest: PackageManifest, *objects: str) -> list[str]:
    """`Lead.UserGem__PastCompany__c` and so on, in order."""
    return [f"{name}.{field}" for name in objects for field in sorted(manifest.fields_on(name))]


def _custom_fields(manifest: PackageManifest) -> Part:
    return Part(
        key="custom_fields",
        title=_("Custom fields"),
        about=_(
            "The package brings its own fields and its object: install it in production and leave "
            "them out of the change set. What goes in is what you made yourselves for it."
        ),
        components=(
            Component(
                _("Custom Field"),
                note=_(
                    "Fields you made on Lead, Contact, Account or the UserGems object, formula "
                    "fields too. Keep API name and type."
                ),
            ),
            Component(
                _("Global Value Set or the picklist field"),
                ("Lead.LeadSource", "Contact.LeadSource"),
                note=_("If you added a value for job changes to Lead Source."),
            ),
        ),
        by_hand=(
            _(
                "Field access does not come by itself: put the permission set into the same change "
                "set, or set it in production."
            ),
            _("With record types: the Lead Source value is available in each of them."),
        ),
        names=[
            *_fields(manifest, *PEOPLE_OBJECTS, "Account"),
            *_fields(manifest, manifest.object_name),
        ],
        names_label=_("Fields that the package brings"),
        names_open=False,
    )


def _page_layouts() -> Part:
    return Part(
        key="page_layouts",
        title=_("Dynamic page layouts"),
        about=_("The UserGems component and the UG fields where your reps look."),
        components=(
            Component(
                _("Lightning Page"),
                ("Lead", "Contact"),
                note=_("The record pages with the UserGems component."),
            ),
            Component(
                _("Page Layout"),
                ("Lead", "Contact", "Account"),
                note=_("The layouts with the UG fields."),
            ),
        ),
        by_hand=(
            _(
                "Activate the Lightning pages in production for the apps, record types and "
                "profiles of your reps: a change set does not."
            ),
            _("Check which profile has which page layout."),
            _("Open one lead and one contact as a sales rep and look."),
        ),
    )


def _lead_conversion(facts: Facts, manifest: PackageManifest) -> Part:
    contacts = manifest.fields_on("Contact")
    mapped = [
        f"Lead.{field} → Contact.{field}"
        for field in sorted(manifest.fields_on("Lead"))
        if field in contacts
    ]
    about = _(
        "Every UG field of the lead goes to the contact field of the same name. A field that is "
        "not mapped is lost when the lead is converted, without a word."
    )
    if facts.output is not None and facts.output.record_mode == RecordMode.ALWAYS_CONTACT:
        about += " " + _(
            "Your settings make no leads; it still matters if your reps convert leads that were "
            "enriched."
        )
    return Part(
        key="lead_conversion",
        title=_("Lead conversion mapping"),
        about=about,
        by_hand=(
            _("In Setup: Object Manager, Lead, Fields & Relationships, Map Lead Fields."),
            _("Convert one lead of your own for a try: the UG fields are on the contact."),
            _(
                "A tool that deploys metadata can take the mapping along, as type "
                "LeadConvertSettings; most teams map by hand."
            ),
        ),
        names=mapped,
        names_label=_("Fields to map"),
    )


def _campaigns(facts: Facts) -> Part:
    chosen = facts.environment_settings.get(Environment.SANDBOX)
    by_hand = []
    if chosen is not None and chosen.campaign_name:
        words = _("Have an active campaign “%(campaign)s” in production")
        if chosen.campaign_status:
            words = _(
                "Have an active campaign “%(campaign)s” in production, with the member status "
                "“%(status)s”"
            )
        by_hand.append(
            (words + ".") % {"campaign": chosen.campaign_name, "status": chosen.campaign_status}
        )
        by_hand.append(_("Give the integration user access to it."))
    else:
        by_hand.append(_("No campaign was chosen for the sandbox: nothing to do."))
    if chosen is not None and chosen.default_owner_name:
        by_hand.append(
            _("“%(owner)s” is the default owner in the sandbox: have an active user in production.")
            % {"owner": chosen.default_owner_name}
        )
    by_hand.append(
        _(
            "IDs of campaigns, users, queues and record types differ between the orgs: owner and "
            "campaign are chosen anew in production, never copied."
        )
    )
    return Part(
        key="campaigns",
        title=_("Campaign IDs"),
        about=_("Campaigns are records: no change set takes them along."),
        by_hand=by_hand,
    )


def _related_lists(manifest: PackageManifest) -> Part:
    lookups = manifest.lookups
    places = {
        "Contact": ("past_contact", "new_contact"),
        "Lead": ("past_lead", "new_lead"),
        "Account": ("past_account", "new_account"),
    }
    return Part(
        key="related_lists",
        title=_("Related lists"),
        about=_("The list of UserGems below a lead, contact and account, past and new."),
        components=(
            Component(
                _("Page Layout"),
                ("Lead", "Contact", "Account"),
                note=_("The same layouts as above: the related list “%(name)s” is part of them.")
                % {"name": manifest.related_list or manifest.app_name},
            ),
        ),
        by_hand=(
            _("Open a lead, a contact and an account as a sales rep: the list shows."),
            _("Make the app UserGems visible to your reps in the App Launcher."),
        ),
        names=[
            f"{place}: {manifest.object_name}.{lookups[ours]}"
            for place, wanted in places.items()
            for ours in wanted
            if ours in lookups
        ],
        names_label=_("Lookups behind the lists"),
    )


def _permissions(facts: Facts) -> Part:
    epoch = facts.epoch(Environment.PRODUCTION)
    user = epoch.username if epoch else _("the integration user (without the sandbox’s ending)")
    return Part(
        key="permissions",
        title=_("User permissions"),
        about=_("What the integration user may do, and that your reps see the new fields."),
        components=(
            Component(
                _("Permission Set"),
                ("UserGems Integration",),
                note=_("Or whatever you called it, with the access of the list below."),
            ),
        ),
        by_hand=(
            _("Assign the permission set in production to %(user)s: assignments do not travel.")
            % {"user": user},
            _("On the user: tick Marketing User, and set a role above the sales roles."),
            _(
                "With the license Salesforce Integration: assign the permission set license "
                "“Salesforce API Integration”."
            ),
            _("Your reps: read on the UG fields, read and edit on the UserGems object."),
        ),
        permissions=True,
    )
