"""Whether an org's package can take deliveries at all (write-protocol, The key)."""

from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.manifest import MANIFESTS, version_needed


def package_problem(epoch: OrgEpoch) -> str:
    """Why nothing can be sent to this org, as a sentence; "" when its package has the key."""
    if not epoch.package_installed:
        return _(
            "The UserGems package was not found in %(org)s, or the integration user may not see "
            "it. Nothing can be sent before an administrator installs it for all users."
        ) % {"org": epoch.name}
    if not epoch.package_manifest:
        return _(
            "The UserGems package is in %(org)s, but the integration user sees none of its "
            "objects. Nothing can be sent before an administrator installs it for all users."
        ) % {"org": epoch.name}
    if needed := version_needed(epoch.package_manifest, epoch.package_version):
        return _(
            "The UserGems package in %(org)s is version %(found)s; %(needed)s or newer is needed. "
            "Nothing can be sent before an administrator upgrades it with the install link."
        ) % {"org": epoch.name, "found": epoch.package_version, "needed": needed}
    manifest = MANIFESTS.get(epoch.package_manifest)
    if manifest is None or not manifest.can_deliver:
        return _(
            "The UserGems package in %(org)s is of a generation without the delivery key that "
            "keeps every job change from being written twice. An administrator installs the "
            "current package first."
        ) % {"org": epoch.name}
    return ""
