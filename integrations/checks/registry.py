"""All checks, in the order in which they are shown. CONTRIBUTING.md says how to add one."""

from collections.abc import Sequence
from functools import cache

from integrations.checks.api_headroom import ApiHeadroom
from integrations.checks.automation import Automation
from integrations.checks.base import Check
from integrations.checks.campaign import Campaign
from integrations.checks.excess_rights import ExcessRights
from integrations.checks.field_access import FieldAccess
from integrations.checks.integration_user import IntegrationUser
from integrations.checks.lead_conversion import LeadConversion
from integrations.checks.lightning_pages import LightningPages
from integrations.checks.marketing_user import MarketingUser
from integrations.checks.object_access import ObjectAccess
from integrations.checks.org_kind import OrgKindCheck
from integrations.checks.owners import Owners
from integrations.checks.package import PackageCheck
from integrations.checks.page_layouts import PageLayouts
from integrations.checks.picklists import Picklists
from integrations.checks.record_sharing import RecordSharing
from integrations.checks.record_types import RecordTypes
from integrations.checks.related_lists import RelatedLists
from integrations.checks.rep_access import RepAccess
from integrations.checks.required_fields import RequiredFields
from integrations.checks.sandbox_fitness import SandboxFitness
from integrations.checks.system_permissions import SystemPermissions
from integrations.checks.unmasked_emails import UnmaskedEmails


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check there is."""
    return (
        # package, connect
        PackageCheck(),
        OrgKindCheck(),
        # permissions
        IntegrationUser(),
        MarketingUser(),
        RecordSharing(),
        SystemPermissions(),
        ObjectAccess(),
        FieldAccess(),
        RepAccess(),
        ExcessRights(),
        # settings
        RecordTypes(),
        Picklists(),
        RequiredFields(),
        Campaign(),
        Owners(),
        # layouts, lead conversion
        PageLayouts(),
        LightningPages(),
        RelatedLists(),
        LeadConversion(),
        # test
        SandboxFitness(),
        UnmaskedEmails(),
        Automation(),
        ApiHeadroom(),
    )


def checks_for(environment: str, names: Sequence[str] = ()) -> tuple[Check, ...]:
    """The checks of an environment, all or the named ones, in order. Unknown names are left out."""
    return tuple(
        check
        for check in all_checks()
        if environment in check.environments and (not names or check.name in names)
    )


def check_find(name: str) -> Check | None:
    """A check by its name."""
    return next((check for check in all_checks() if check.name == name), None)
