"""The security page, section by section: for a customer, or for anybody who asks beforehand.

Nothing here is told twice: scopes, addresses, times and limits are the settings in force, fields
are those of the permission list and of the plans, encrypted columns are looked up in the models.
"""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer, Environment
from integrations.checks.permissions import DEFAULT_VERSION, PACKAGE, ObjectRow, permission_list
from integrations.checks.registry import all_checks
from integrations.salesforce.manifest import MANIFESTS, USERGEM_1, PackageManifest
from integrations.selectors import connection_find
from jobchanges.models import EnvironmentSettings, OutputSettings
from jobchanges.planning.filled import Filled, fields_filled
from jobchanges.planning.mapping import mapping_from_json
from portal.evidence.blocks import MONO, facts, paragraph, table
from portal.security import keeping
from portal.security.section import Section

# What each scope lets us do, in the words of a reader who has to grant it.
SCOPES = {
    "api": gettext_lazy("read and write records and settings, as far as the user itself may"),
    "refresh_token": gettext_lazy("go on working while nobody is signed in"),
    "openid": gettext_lazy("learn which user of which org it is"),
    "id": gettext_lazy("ask for that user’s name, profile and language"),
}


def security_sections(customer: Customer | None) -> list[Section]:
    """All of them; without a customer, what holds for everybody, with no name of anybody."""
    version = customer.permission_list if customer else DEFAULT_VERSION
    return [
        _scopes(),
        _read(version),
        _written(customer),
        _places(),
        keeping.encryption(),
        keeping.kept(),
        keeping.people(customer),
        keeping.signing_in(),
        keeping.spared(),
        keeping.revoking(customer),
    ]


def _scopes() -> Section:
    return Section(
        "scopes",
        _("What we ask Salesforce for"),
        _(
            "An OAuth sign-in with PKCE, by a user that you choose. What that user may not do, we "
            "may not do. We never learn its password."
        ),
        [
            table(
                [(_("Scope"), "22%", MONO), (_("It lets us"), "1fr", "")],
                [(name, str(SCOPES[name])) for name in settings.SALESFORCE_SCOPES],
            )
        ],
    )


def _read(version: str) -> Section:
    """Straight from the permission list that the checks ask by."""
    wanted = permission_list(version)
    rows = []
    for one in wanted.objects.values():
        fields = sorted(one.write | one.read)
        rows.append((_object_name(one), ", ".join(one.rights), _fields(one, fields)))
    questions = table(
        [(_("What the checks ask the org"), "1fr", "")],
        [(str(check.question),) for check in all_checks()],
    )
    return Section(
        "read",
        _("What the integration user needs"),
        _(
            "Permission list %(version)s. To find the right account and person, fields of these "
            "objects are read; setup information is read for the checks. Tracking reports are read "
            "from production only, and their rows are not stored."
        )
        % {"version": version},
        [
            table(
                [
                    (_("Object"), "22%", ""),
                    (_("Rights"), "22%", ""),
                    (_("Fields"), "1fr", MONO),
                ],
                rows,
            ),
            questions,
        ],
    )


def _object_name(row: ObjectRow) -> str:
    return _("The package’s own object") if row.name == PACKAGE else row.name


def _fields(row: ObjectRow, fields: Sequence[str]) -> str:
    words = [*fields, *([_("every field of the UserGems package")] if row.package_fields else [])]
    return ", ".join(words)


def _written(customer: Customer | None) -> Section:
    """The fields that plans fill, by the customer's settings where there are some."""
    filled, chosen = _filled(customer)
    intro = _(
        "An existing record gets only its empty fields filled, plus the package’s own fields. The "
        "one exception is what you choose to have replaced on the past record, field by field, and "
        "sign. Nothing is deleted in production; in a sandbox, a clean-up that you confirm deletes "
        "what a test created."
    )
    if chosen:
        intro += " " + _("By your settings as they are now:")
    else:
        intro += " " + _("At most, as long as no settings were chosen:")
    return Section(
        "written",
        _("What we write"),
        intro,
        [
            table(
                [
                    (_("Object"), "22%", ""),
                    (_("When a record is made"), "1fr", MONO),
                    (_("On an existing record"), "1fr", MONO),
                ],
                [
                    (name, _names(filled.created.get(name)), _names(filled.updated.get(name)))
                    for name in sorted({*filled.created, *filled.updated})
                ],
            ),
            paragraph(
                _(
                    "Nothing is written to production before an admin or approver of yours allowed "
                    "exactly that test, and nothing beyond it before both sides signed."
                )
            ),
        ],
    )


def _names(fields: frozenset[str] | None) -> str:
    return ", ".join(sorted(fields or ())) or _("nothing")


def _filled(customer: Customer | None) -> tuple[Filled, bool]:
    """What plans fill, and whether by the customer's own settings."""
    shared = own = None
    if customer is not None:
        shared = OutputSettings.objects.filter(customer=customer).first()
        here = EnvironmentSettings.objects.filter(customer=customer)
        own = here.order_by("environment").first()
    if shared is None:
        return fields_filled(USERGEM_1, record_mode="", campaign=True, member_status=True), False
    found = fields_filled(
        _manifest(customer),
        record_mode=str(shared.record_mode),
        campaign=bool(own and own.campaign_id),
        member_status=bool(own and own.campaign_status),
        field_mapping=mapping_from_json(shared.field_mapping),
        lead_account_field=shared.lead_account_field,
        update_past_record=shared.update_past_record,
    )
    return found, True


def _manifest(customer: Customer | None) -> PackageManifest:
    for environment in (Environment.PRODUCTION, Environment.SANDBOX):
        found = connection_find(customer, environment) if customer else None
        if found is not None and found.epoch is not None:
            return MANIFESTS.get(found.epoch.package_manifest, USERGEM_1)
    return USERGEM_1


def _places() -> Section:
    suffixes = ", ".join(f"*{one}" for one in settings.SALESFORCE_ALLOWED_HOST_SUFFIXES)
    return Section(
        "addresses",
        _("Where from and where to"),
        _(
            "We call your org; your org calls nothing of ours. To tie our access to addresses, put "
            "ours into the login IP ranges of the integration user’s profile."
        ),
        [
            facts(
                (_("Our calls come from"), _outgoing(), MONO),
                (_("This portal"), settings.SITE_URL, MONO),
                (_("Signing in to production"), settings.SALESFORCE_PRODUCTION_LOGIN_URL, MONO),
                (_("Signing in to a sandbox"), settings.SALESFORCE_SANDBOX_LOGIN_URL, MONO),
                (_("Hosts we send anything to"), suffixes, MONO),
                (_("Salesforce API version"), settings.SALESFORCE_API_VERSION),
            )
        ],
    )


def _outgoing() -> str:
    listed = ", ".join(settings.OUTGOING_ADDRESSES)
    return listed or _("not listed here: ask your implementation manager")
