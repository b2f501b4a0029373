"""Addresses inside an org's Setup: the page on which an administrator mends what an error names.

Paths are the same in every org. `{object}` stands for the API name of the object concerned; where
it is not known, the path leads to the list of objects.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_SETUP = "/lightning/setup/"
_PATH = re.compile(r"/lightning/setup/[A-Za-z0-9_]+(?:/[A-Za-z0-9_]+){0,4}")
_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")

OBJECTS = f"{_SETUP}ObjectManager/home"
FIELDS = f"{_SETUP}ObjectManager/{{object}}/FieldsAndRelationships/view"
VALIDATION_RULES = f"{_SETUP}ObjectManager/{{object}}/ValidationRules/view"
PAGE_LAYOUTS = f"{_SETUP}ObjectManager/{{object}}/PageLayouts/view"
LIGHTNING_PAGES = f"{_SETUP}ObjectManager/{{object}}/LightningPages/view"
PERMISSION_SETS = f"{_SETUP}PermSets/home"
ROLES = f"{_SETUP}Roles/home"
SHARING = f"{_SETUP}SecuritySharing/home"
DUPLICATE_RULES = f"{_SETUP}DuplicateRules/home"
FLOWS = f"{_SETUP}Flows/home"
APEX_TRIGGERS = f"{_SETUP}ApexTriggers/home"
APEX_CLASSES = f"{_SETUP}ApexClasses/home"
STORAGE = f"{_SETUP}CompanyResourceDisk/home"
COMPANY = f"{_SETUP}CompanyProfileInfo/home"
MY_DOMAIN = f"{_SETUP}OrgDomain/home"
PACKAGES = f"{_SETUP}ImportedPackage/home"
USERS = f"{_SETUP}ManageUsers/home"
APP_MANAGER = f"{_SETUP}NavigationMenus/home"
LOGIN_HISTORY = f"{_SETUP}OrgLoginHistory/home"
APPS_USAGE = f"{_SETUP}ConnectedAppsUsage/home"
CONNECTED_APPS = f"{_SETUP}ConnectedApplication/home"
TRANSACTION_SECURITY = f"{_SETUP}TransactionSecurityNew/home"
PROFILES = f"{_SETUP}EnhancedProfiles/home"
RECORD_TYPES = f"{_SETUP}ObjectManager/{{object}}/RecordTypes/view"
LEAD_RULES = f"{_SETUP}LeadRules/home"
DELIVERABILITY = f"{_SETUP}OrgEmailSettings/home"
ADDRESS_PICKLISTS = f"{_SETUP}AddressCleanerOverview/home"
SANDBOXES = f"{_SETUP}DataManagementCreateTestInstance/home"


def setup_path(template: str, object_name: str = "") -> str:
    """The path for one object; the list of objects where the path needs one that is not known."""
    if "{object}" not in template:
        return template
    if not _OBJECT.fullmatch(object_name):
        return OBJECTS
    return template.replace("{object}", object_name)


def setup_url(instance_url: str, path: str) -> str:
    """The whole address for a person to open; "" without a path or an org's address.

    Only a path of Setup is taken, so that what was stored long ago can lead nowhere else.
    """
    if not path or not instance_url or not _PATH.fullmatch(path):
        return ""
    parts = urlsplit(instance_url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc}{path}"
