"""Whether an org's package can take deliveries at all (write-protocol, The key)."""

from django.utils.translation import gettext as _

from integrations.models import OrgEpoch
from integrations.salesforce.manifest import MANIFESTS


def package_problem(epoch: OrgEpoch) -> str:
    """Why nothing can be sent to this org, as a sentence; "" when its package has the key."""
    if not epoch.package_installed:
        return _(
            "The UserGems package was not found in %(org)s, or the connected user may not see "
            "it. Nothing can be sent before an administrator installs it for all users."
        ) % {"org": epoch.name}
    manifest = MANIFESTS.get(epoch.package_manifest)
    if manifest is None or not manifest.can_deliver:
        return _(
            "The UserGems package in %(org)s is of a generation without the delivery key that "
            "keeps every job change from being written twice. An administrator installs the "
            "current package first."
        ) % {"org": epoch.name}
    return ""
