"""What has to be in production as it was in the tested sandbox: into a change set, and by hand.

Only what the customer made or changed: the package brings its own parts. Which components a change
set takes, and what it leaves to people, follows contact-tracking, section 11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.content import KINDS, Content
from integrations.snapshots.kinds.user_flags import license_words
from integrations.snapshots.metadata_names import layout_name

# Metadata types as the page "Add to Change Set" lists them.
TYPE_LABELS: Mapping[str, str | Promise] = {
    "CustomField": gettext_lazy("Custom Field"),
    "FlexiPage": gettext_lazy("Lightning Page"),
    "Layout": gettext_lazy("Page Layout"),
    "LeadConvertSettings": gettext_lazy("Lead Convert Settings"),
    "PermissionSet": gettext_lazy("Permission Set"),
}
# Tools that deploy metadata take these; a change set does not offer them.
NOT_IN_CHANGE_SETS = frozenset({"LeadConvertSettings"})


@dataclass(frozen=True)
class Component:
    """One component: its metadata type, API name, and what people call it."""

    metadata_type: str
    name: str
    label: str = ""

    @property
    def type_label(self) -> str:
        """The type as Setup lists it."""
        return str(TYPE_LABELS.get(self.metadata_type, self.metadata_type))

    @property
    def in_change_set(self) -> bool:
        """Whether a change set takes it; otherwise only `package.xml` names it."""
        return self.metadata_type not in NOT_IN_CHANGE_SETS


@dataclass(frozen=True)
class ByHand:
    """What nobody's tool carries over."""

    sentence: str
    setup_path: str = ""


@dataclass(frozen=True)
class WorksheetPart:
    """One of the six kinds."""

    kind: str
    components: tuple[Component, ...]
    by_hand: tuple[ByHand, ...]


def worksheet_of(content: Content) -> dict[str, WorksheetPart]:
    """The six parts for what was tested, by kind. A component stands in one part only."""
    found: dict[str, WorksheetPart] = {}
    seen: set[tuple[str, str]] = set()
    for kind in KINDS:
        lines = list(_LINES[kind](content))
        components = []
        for line in lines:
            if isinstance(line, Component) and (line.metadata_type, line.name) not in seen:
                seen.add((line.metadata_type, line.name))
                components.append(line)
        by_hand = tuple(line for line in lines if isinstance(line, ByHand))
        found[kind] = WorksheetPart(kind, tuple(components), by_hand)
    return found


Lines = Iterator[Component | ByHand]


def _custom_fields(content: Content) -> Lines:
    for name, facts in content.part("custom_fields", "fields").items():
        if facts["origin"] == "own" and facts["there"]:
            yield Component("CustomField", name, facts["label"])
    for name, facts in content.part("custom_fields", "values").items():
        object_name = name.partition(".")[0]
        if facts["offered"]:
            yield ByHand(
                _(
                    "Object Manager, %(object)s, Fields & Relationships, %(field)s: New, "
                    "%(values)s, in every record type."
                )
                % {
                    "object": content.labels.get(object_name, object_name),
                    "field": facts["label"],
                    "values": listed([f"“{value}”" for value in facts["offered"]]),
                },
                setup_path(setup_links.FIELDS, object_name),
            )


def _page_layouts(content: Content) -> Lines:
    for name, facts in content.part("page_layouts", "pages").items():
        object_name, _dot, page = name.partition(".")
        if not facts["components"] and not (facts["dynamic"] and facts["fields"]):
            continue
        yield Component("FlexiPage", page, facts["label"])
        words = _(
            "Activate the Lightning page “%(page)s” for the apps, record types and profiles "
            "of your reps: a change set does not."
        )
        if facts["org_default"]:
            words = _(
                "Activate the Lightning page “%(page)s” as the org’s default: a change set "
                "does not."
            )
        yield ByHand(
            words % {"page": facts["label"]}, setup_path(setup_links.LIGHTNING_PAGES, object_name)
        )
    for name, facts in content.part("page_layouts", "layouts").items():
        object_name, _dot, layout = name.partition(".")
        if facts["fields"] or facts["lists"]:
            yield Component("Layout", layout_name(object_name, layout), layout)
    for object_name in _objects_with_layouts(content):
        yield ByHand(
            _(
                "Object Manager, %(object)s, Page Layouts, Page Layout Assignment: give these "
                "layouts to the profiles of your reps."
            )
            % {"object": content.labels.get(object_name, object_name)},
            setup_path(setup_links.PAGE_LAYOUTS, object_name),
        )


def _objects_with_layouts(content: Content) -> list[str]:
    carrying = (
        name.partition(".")[0]
        for name, facts in content.part("page_layouts", "layouts").items()
        if facts["fields"] or facts["lists"]
    )
    return list(dict.fromkeys(carrying))


def _lead_conversion(content: Content) -> Lines:
    pairs = content.part("lead_conversion", "pairs")
    if not pairs:
        return
    yield Component("LeadConvertSettings", "LeadConvertSettings")
    yield ByHand(
        _(
            "Object Manager, Lead, Fields & Relationships, Map Lead Fields: map the %(count)d "
            "fields as in the sandbox. Tools that deploy metadata take the mapping along, a change "
            "set does not."
        )
        % {"count": len(pairs)},
        setup_path(setup_links.FIELDS, "Lead"),
    )


def _campaigns(content: Content) -> Lines:
    campaign = content.part("campaigns", "campaign").get("campaign", {})
    if campaign.get("found"):
        words = _(
            "Have an active campaign for “%(campaign)s”, share it with the integration user, and "
            "choose it in the settings."
        )
        if campaign["status"]:
            words = _(
                "Have an active campaign for “%(campaign)s” with the member status “%(status)s”, "
                "share it with the integration user, and choose it in the settings."
            )
        yield ByHand(words % {"campaign": campaign["name"], "status": campaign["status"]})
    owner = content.part("campaigns", "owner").get("owner", {})
    if owner.get("found"):
        words = _(
            "Have %(owner)s, or who is to own new records, as an active user, and choose "
            "them in the settings."
        )
        yield ByHand(words % {"owner": owner["name"]}, setup_links.USERS)
    turns = content.part("campaigns", "turns").get("turns", {})
    if turns:
        words = _(
            "Have the people in turn (%(names)s) as active users, and choose them in the same "
            "order in the settings."
        )
        yield ByHand(words % {"names": ", ".join(turns["names"])}, setup_links.USERS)
    for name, facts in content.part("campaigns", "record_types").items():
        if facts["default"] not in ("", "Master"):
            words = _(
                "Make the record type “%(type)s” of %(object)s the default in the integration "
                "user’s profile."
            )
            said = {"type": facts["default"], "object": content.labels.get(name, name)}
            yield ByHand(words % said, setup_links.PROFILES)


def _related_lists(content: Content) -> Lines:
    """The lists travel with the layouts and pages they stand on."""
    for name, facts in content.part("related_lists", "layouts").items():
        object_name, _dot, layout = name.partition(".")
        if facts["lists"]:
            yield Component("Layout", layout_name(object_name, layout), layout)
    for name, facts in content.part("related_lists", "pages").items():
        if facts["lists"]:
            yield Component("FlexiPage", name.partition(".")[2], facts["label"])
    yield ByHand(
        _("Make the app UserGems visible to your reps in the App Launcher."),
        setup_links.APP_MANAGER,
    )


def _user_permissions(content: Content) -> Lines:
    for name, facts in content.part("user_permissions", "sets").items():
        yield Component("PermissionSet", name, facts["label"])
    user = content.part("user_permissions", "user").get("user")
    labels = [facts["label"] for facts in content.part("user_permissions", "sets").values()]
    if labels:
        yield ByHand(
            _("Assign %(sets)s to the integration user: assignments do not travel.")
            % {"sets": listed([f"“{label}”" for label in labels])},
            setup_links.PERMISSION_SETS,
        )
    if user is None:
        return
    if user["marketing_user"]:
        yield ByHand(_("Users, the integration user: tick Marketing User."), setup_links.USERS)
    if user["set_licenses"]:
        yield ByHand(
            _("Users, the integration user, Permission Set License Assignments: %(names)s.")
            % {"names": listed(license_words(user["set_licenses"]))},
            setup_links.USERS,
        )
    yield ByHand(
        _("Users, the integration user: a role above the roles of your reps."), setup_links.USERS
    )


_LINES: Mapping[str, Callable[[Content], Lines]] = {
    "custom_fields": _custom_fields,
    "page_layouts": _page_layouts,
    "lead_conversion": _lead_conversion,
    "campaigns": _campaigns,
    "related_lists": _related_lists,
    "user_permissions": _user_permissions,
}
