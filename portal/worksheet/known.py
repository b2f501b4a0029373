"""What every customer's worksheet says, by the package's manifest and what was chosen.

Names of components come from the tested sandbox (`reading`); here is what to look for while it
has not said anything.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import Environment
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1, PackageManifest
from jobchanges.settings_used import leads_made, takes_turns
from portal.mirror.words import KIND_TITLES
from portal.settings_words import row_field, rows_of
from portal.steps import Facts
from portal.worksheet.parts import ByHand, Component, Name, Part

PEOPLE_OBJECTS = ("Lead", "Contact")


def known_parts(facts: Facts) -> list[Part]:
    """The six parts for one customer. No query, no call: only what is known already."""
    manifest = _manifest(facts)
    return [
        _custom_fields(facts, manifest),
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


def _names(*names: str) -> list[Name]:
    """Hints, not components: nothing is known about them."""
    return [Name(name) for name in names]


def _by_hand(*sentences: str, always: Sequence[str] = ()) -> list[ByHand]:
    """Lines to do by hand; `always` those that the tested sandbox's own lines do not replace."""
    return [
        *(ByHand(sentence) for sentence in sentences),
        *(ByHand(sentence, always=True) for sentence in always),
    ]


def _fields(manifest: PackageManifest, *objects: str) -> list[str]:
    """`Lead.UserGem__PastCompany__c` and so on, in order."""
    return [f"{name}.{field}" for name in objects for field in sorted(manifest.fields_on(name))]


def _fields_chosen(facts: Facts) -> list[str]:
    """The customer's own fields that the settings name: `Contact.Contact_Status__c`."""
    output = facts.output
    if output is None:
        return []
    found = {row_field(row) for row in rows_of(output.as_signed())}
    if output.contact_owner_field:
        found.add(f"Account.{output.contact_owner_field}")
    if output.lead_account_field:
        found.add(f"Lead.{output.lead_account_field}")
    return sorted(one for one in found if one.endswith("__c"))


def _custom_fields(facts: Facts, manifest: PackageManifest) -> Part:
    chosen = _fields_chosen(facts)
    note = _(
        "Fields you made on Lead, Contact, Account or the UserGems object, formula fields too. "
        "Keep API name and type."
    )
    return Part(
        key="custom_fields",
        title=str(KIND_TITLES["custom_fields"]),
        about=_(
            "The package brings its own fields and its object: install it in production and leave "
            "them out of the change set. What goes in is what you made yourselves for it."
        ),
        components=(
            # By name those that the settings fill or read.
            Component(_("Custom Field"), _names(*chosen), note=note),
        ),
        by_hand=_by_hand(
            _(
                "If you added a value for job changes to Lead Source: add it in production, too, "
                "in each record type. No change set takes the values of a standard picklist."
            ),
            always=(
                _(
                    "Field access does not come by itself: put the permission set into the same "
                    "change set, or set it in production."
                ),
            ),
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
        title=str(KIND_TITLES["page_layouts"]),
        about=_("The UserGems component and the UG fields where your reps look."),
        components=(
            Component(
                _("Lightning Page"),
                _names("Lead", "Contact"),
                note=_("The record pages with the UserGems component."),
            ),
            Component(
                _("Page Layout"),
                _names("Lead", "Contact", "Account"),
                note=_("The layouts with the UG fields."),
            ),
        ),
        by_hand=_by_hand(
            _(
                "Activate the Lightning pages in production for the apps, record types and "
                "profiles of your reps: a change set does not."
            ),
            _("Check which profile has which page layout."),
            always=(_("Open one lead and one contact as a sales rep and look."),),
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
    if facts.output is not None and not leads_made(facts.output.record_mode):
        about += " " + _(
            "Your settings make no leads; it still matters if your reps convert leads that were "
            "enriched."
        )
    return Part(
        key="lead_conversion",
        title=str(KIND_TITLES["lead_conversion"]),
        about=about,
        by_hand=_by_hand(
            _("In Setup: Object Manager, Lead, Fields & Relationships, Map Lead Fields."),
            _(
                "A tool that deploys metadata can take the mapping along, as type "
                "LeadConvertSettings; most teams map by hand."
            ),
            always=(
                _("Convert one lead of your own for a try: the UG fields are on the contact."),
            ),
        ),
        names=mapped,
        names_label=_("Fields to map"),
    )


def _campaigns(facts: Facts) -> Part:
    chosen = facts.environment_settings.get(Environment.SANDBOX)
    by_hand: list[str] = []
    always = [
        _(
            "IDs of campaigns, users, queues and record types differ between the orgs: owner and "
            "campaign are chosen anew in production, never copied."
        )
    ]
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
        always.insert(0, _("No campaign was chosen for the sandbox: nothing to do."))
    if chosen is not None and chosen.default_owner_name:
        by_hand.append(
            _("“%(owner)s” is the default owner in the sandbox: have an active user in production.")
            % {"owner": chosen.default_owner_name}
        )
    if chosen is not None and takes_turns(facts.output):
        names = ", ".join(one["name"] or one["id"] for one in chosen.round_robin)
        by_hand.append(
            _("In turn own new records in the sandbox: %(names)s. Have active users in production.")
            % {"names": names}
        )
    return Part(
        key="campaigns",
        title=str(KIND_TITLES["campaigns"]),
        about=_("Campaigns are records: no change set takes them along."),
        by_hand=_by_hand(*by_hand, always=always),
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
        title=str(KIND_TITLES["related_lists"]),
        about=_("The list of UserGems below a lead, contact and account, past and new."),
        components=(
            Component(
                _("Page Layout"),
                _names("Lead", "Contact", "Account"),
                note=_("The same layouts as above: the related list “%(name)s” is part of them.")
                % {"name": manifest.related_list or manifest.app_name},
            ),
        ),
        by_hand=_by_hand(
            _("Make the app UserGems visible to your reps in the App Launcher."),
            always=(_("Open a lead, a contact and an account as a sales rep: the list shows."),),
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
        key="user_permissions",
        title=str(KIND_TITLES["user_permissions"]),
        about=_("What the integration user may do, and that your reps see the new fields."),
        components=(
            Component(
                _("Permission Set"),
                _names("UserGems Integration"),
                note=_("Or whatever you called it, with the access of the list below."),
            ),
        ),
        by_hand=_by_hand(
            _("Assign the permission set in production to %(user)s: assignments do not travel.")
            % {"user": user},
            _("On the user: tick Marketing User, and set a role above the sales roles."),
            _(
                "With the license Salesforce Integration: assign the permission set license "
                "“Salesforce API Integration”."
            ),
            always=(_("Your reps: read on the UG fields, read and edit on the UserGems object."),),
        ),
        permissions=True,
    )
