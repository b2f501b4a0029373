"""What one page about a failed sign-up says, and the words that several pages share."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise

ADMIN = _("Your Salesforce administrator can fix this.")
YOU = _("You can fix this yourself.")
OURS = _("This is on us: nothing in your org has to change.")
NOBODY = _("Nobody has to fix anything.")
MANAGER = _("Your implementation manager sorts this out with you.")

# Steps that end several lists.
START_AGAIN = _("Start the sign-up again.")
PRIVATE_WINDOW = _(
    "Open a private window, sign in to this site there, and start again: Salesforce then asks who "
    "signs in, instead of going on with an earlier sign-in."
)
HANDED_BACK = _("Nothing was connected, and the access just given was handed back.")


@dataclass(frozen=True)
class Setup:
    """A page in the org's Setup: what it is called, and its path."""

    name: "Words"
    path: str


USAGE = Setup(_("Connected Apps OAuth Usage"), "/lightning/setup/ConnectedAppsUsage/home")
POLICIES = Setup(_("Manage Connected Apps"), "/lightning/setup/ConnectedApplication/home")
LOGIN_HISTORY = Setup(_("Login History"), "/lightning/setup/OrgLoginHistory/home")
USERS = Setup(_("Users"), "/lightning/setup/ManageUsers/home")
PERMISSION_SETS = Setup(_("Permission Sets"), "/lightning/setup/PermSets/home")
MY_DOMAIN = Setup(_("My Domain"), "/lightning/setup/OrgDomain/home")
SESSION_SETTINGS = Setup(_("Session Settings"), "/lightning/setup/SecuritySession/home")
PACKAGES = Setup(_("Installed Packages"), "/lightning/setup/ImportedPackage/home")
COMPANY = Setup(_("Company Information"), "/lightning/setup/CompanyProfileInfo/home")


@dataclass(frozen=True)
class Problem:
    """One page of `templates/integrations/problem.html`.

    `code`: ours, kept with the attempt. `steps`: what to click, in order. `setup`: where that is
    in the org. `address_bar`: words of the page at Salesforce when it never sends the browser
    back; in lower case, with blanks. `general_page`: words that such a page shows for other
    causes, too, so that they count only when nothing more exact is found. `likely`: its place
    among the likely causes on the page "It did not come back?", in the order of diagnosis
    (contact-tracking reference, 4.3); 0: not there. `again`: whether the button "Start again"
    helps. `ours`: staff are told.
    """

    code: str
    title: "Words"
    what: "Words"
    who: "Words"
    steps: "tuple[Words, ...]"
    setup: Setup | None = None
    address_bar: tuple[str, ...] = ()
    general_page: tuple[str, ...] = ()
    likely: int = 0
    again: bool = True
    ours: bool = False
    status: int = HTTPStatus.BAD_REQUEST
