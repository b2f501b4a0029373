"""Parts of the security page about keeping, seeing, signing in, and taking it back."""

from collections.abc import Mapping

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import customers_managed_by
from accounts.models import Customer, Membership, User
from integrations.fields import EncryptedTextField
from portal.evidence.blocks import facts, table
from portal.security.section import Section


def encryption() -> Section:
    """What is encrypted, and how."""
    return Section(
        "encryption",
        _("Encryption"),
        _("Tokens are the only secrets of your org that we hold."),
        [
            facts(
                (
                    _("Stored encrypted"),
                    ", ".join(_encrypted()),
                    "",
                    _(
                        "Fernet: AES-128 in CBC mode with HMAC-SHA256, under keys that are kept "
                        "apart from the database and can be replaced one after another."
                    ),
                ),
                (
                    _("On the way"),
                    _("TLS, and pages are refused without it for %(days)s days (HSTS)")
                    % {"days": settings.SECURE_HSTS_SECONDS // 86400}
                    if settings.SECURE_HSTS_SECONDS
                    else _("TLS to Salesforce; this site runs without it (a demo on one machine)"),
                ),
                (
                    _("Never shown"),
                    _("tokens appear on no page and in no log, error report, export or evidence"),
                ),
                (
                    _("Pages"),
                    _("load nothing from other sites, and run no script written into them (CSP)"),
                ),
            )
        ],
    )


def _encrypted() -> list[str]:
    """Every column that is encrypted, looked up in the models."""
    return [
        f"{model._meta.verbose_name}: {field.verbose_name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedTextField)
    ]


def kept() -> Section:
    """The retention settings in force."""
    days = _("%(days)s days %(after)s")
    rows: Mapping[str, tuple[int, str]] = {
        _("Sign-up links"): (settings.RETENTION_LINK_DAYS, _("after their end")),
        _("Attempts to connect"): (settings.RETENTION_ATTEMPT_DAYS, _("after their end")),
        _("Row-by-row reports of imports"): (
            settings.RETENTION_IMPORT_DAYS,
            _("after the import; the file itself is never kept"),
        ),
        _("Values before, stored and later, of records we wrote"): (
            settings.RETENTION_BEFORE_IMAGE_DAYS,
            _("after go-live; evidence packs with them"),
        ),
        _("Who was mailed when, without the words"): (
            settings.RETENTION_MAIL_DAYS,
            _("after it went out"),
        ),
        _("Everything of a customer that never goes live"): (
            settings.RETENTION_UNFINISHED_DAYS,
            _("after the last activity"),
        ),
    }
    return Section(
        "retention",
        _("How long we keep what"),
        _("What is past its time is removed every night."),
        [
            facts(
                *((name, days % {"days": n, "after": after}) for name, (n, after) in rows.items()),
                (_("Tokens"), _("until you disconnect: then they are handed back and deleted")),
                (
                    _("Events and signatures"),
                    _("kept; events hold identifiers and hashes, no personal data"),
                ),
                (
                    _("One person’s data"),
                    _(
                        "erased on request, by e-mail address, from job changes, records and "
                        "imports"
                    ),
                ),
            )
        ],
    )


def people(customer: Customer | None) -> Section:
    """Everybody who can see a customer’s data today; without one, no names."""
    intro = _(
        "Your own people, and at UserGems your implementation manager, the leads who stand in, and "
        "operators. When they look at your pages as you see them, the log of your activity says "
        "so, as it does of everything they change."
    )
    if customer is None:
        return Section("people", _("Who can see it"), intro, [])
    ours = User.objects.filter(is_staff=True, is_active=True)
    everybody = Permission.objects.filter(codename="view_all_customers")
    leads = ours.filter(
        Q(is_superuser=True)
        | Q(groups__permissions__in=everybody)
        | Q(user_permissions__in=everybody)
    ).distinct()
    rows = [
        (str(one.user), one.user.email, str(one.get_role_display()), customer.name)
        for one in Membership.objects.filter(customer=customer, left_at=None).select_related("user")
    ]
    manager = customer.implementation_manager
    if manager is not None:
        rows.append((str(manager), manager.email, _("Implementation manager"), "UserGems"))
    for person in leads:
        if person != manager and customers_managed_by(person).filter(pk=customer.pk).exists():
            role = _("Operator") if person.is_superuser else _("Implementation lead")
            rows.append((str(person), person.email, role, "UserGems"))
    columns = [
        (_("Name"), "24%", ""),
        (_("E-mail"), "1fr", ""),
        (_("Role"), "22%", ""),
        (_("For"), "22%", ""),
    ]
    return Section("people", _("Who can see it"), intro, [table(columns, rows)])


def signing_in() -> Section:
    """How people prove who they are."""
    return Section(
        "signing-in",
        _("How people sign in"),
        _(
            "A Salesforce user is never a person’s identity here: people have accounts of "
            "their own."
        ),
        [
            facts(
                (_("Your people"), _("by a code sent to their work e-mail, invited only")),
                (_("Our staff"), _("by password and a second factor; without it no page opens")),
                (
                    _("Connecting, allowing, signing"),
                    _("need a code or second factor proven in the last %(minutes)s minutes")
                    % {"minutes": settings.CODE_FRESH_SECONDS // 60},
                ),
                (
                    _("A session ends"),
                    _("after %(hours)s hours, or at once when access is taken away")
                    % {"hours": settings.SESSION_COOKIE_AGE // 3600},
                ),
            )
        ],
    )


def spared() -> Section:
    """How few calls an org gets from us."""
    return Section(
        "limits",
        _("How your org is spared"),
        "",
        [
            facts(
                (
                    _("API calls of a day"),
                    _("bulk work stops at %(share)s of your org’s limit")
                    % {"share": f"{settings.API_RESERVE_SHARE:.0%}"},
                ),
                (
                    _("Calls at a time"),
                    _("at most %(count)s") % {"count": settings.ORG_CALLS_AT_ONCE},
                ),
                (
                    _("A job change"),
                    _("is delivered at most once per org, whatever crashes or is clicked twice"),
                ),
            )
        ],
    )


def revoking(customer: Customer | None) -> Section:
    """Click paths that end our access."""
    return Section(
        "revoking",
        _("How to take it back"),
        _("Any one of these ends our access; none needs us."),
        [
            facts(
                (
                    _("Here"),
                    _("Salesforce orgs, Disconnect"),
                    "",
                    _("Tokens are handed back to Salesforce and deleted here."),
                ),
                (
                    _("In Salesforce"),
                    _("Setup, Connected Apps OAuth Usage, UserGems, Revoke (or Block)"),
                    "",
                    _("Salesforce refuses our next call."),
                ),
                (
                    _("The user"),
                    _("Setup, Users, the integration user, Freeze"),
                    "",
                    _("Also ends what the package does as this user."),
                ),
                (
                    _("The package"),
                    _("Setup, Installed Packages, UserGems, Uninstall"),
                    "",
                    _("Removes its fields and records; what was written to your own fields stays."),
                ),
                (
                    _("One colleague"),
                    _("Colleagues, End access") if customer else _("an admin ends their access"),
                ),
            )
        ],
    )
