"""Help delivered for the steps of production, as (title, Markdown).

Sources: the vendor's seed guide; contact-tracking reference, sections 4, 7, 9 and 11; platform
reference, sections 1, 5 and 7.
"""

from django.utils.translation import gettext_lazy as _

CONNECT = (
    _("What you need for it"),
    _(
        """\
You need the sign-in of the **integration user** of your production org: a user of its own for
UserGems, not yours. If your browser is signed in as somebody else, open the link in a private
window, or Salesforce connects that user without asking.

- **For the first time** that user needs the profile *System Administrator* or the permission
  *Approve Uninstalled Connected Apps*; with API Access Control (search for it in Setup) the
  permission *Use Any API Client* instead. Take it away again after the app is installed.
- **Right after connecting**, as administrator: [Connected Apps OAuth Usage](setup:apps_usage),
  find UserGems (in alphabetical order, or at the very bottom), click **Install**.
- **Connecting writes nothing.** The portal reads how the org is set up. Before anything is
  written you see every record of it and allow it.
- If you tested in a sandbox, production joins this same account. There is nothing to sign up for
  a second time.

You can disconnect at any time under *Salesforce orgs* in the menu, or in Salesforce itself: the
user’s *OAuth Connected Apps*, Revoke.
"""
    ),
)

MIRROR = (
    _("How to bring production to where the sandbox is"),
    _(
        """\
The **worksheet** says for each part of your own sandbox whether a change set takes it along or
whether it is done by hand. It is there before production is connected, because change boards
need weeks.

1. In production: Setup, *Deployment Settings*, allow inbound change sets from the sandbox.
2. In the sandbox: Setup, *Outbound Change Sets*, New; add what the worksheet lists under
   **change set**, upload it.
3. In production: *Inbound Change Sets*, Validate, then Deploy. A deployment cannot be undone, so
   choose a quiet hour.
4. By hand, as the worksheet says: activate [Lightning pages](setup:lightning_pages:Contact),
   assign page layouts and permission sets, tick *Marketing User*, make the campaign and its
   statuses.
5. Click **Compare again**.

**Never moves by change set:** the package (installed again with the production link),
assignments of permission sets, licenses, and anything with an ID: owners, campaigns, record
types.

**A difference you want?** Say why. It is then shown to both sides when you sign.
"""
    ),
)

SETTINGS = (
    _("Why some of it is asked again"),
    _(
        """\
What you tested in the sandbox counts in production, too: which record, whose rule for owners,
lead source, fields of your own.

**IDs belong to one org.** The default owner, the people in turn and the campaign are chosen anew
here, even where names are the same. A campaign made in the sandbox does not exist in production.

If production does not offer something that was tested, for example a value of a restricted
picklist, it is named here with the place where it is added.
"""
    ),
)

PEOPLE = (
    _("Which reports to choose"),
    _(
        """\
We look for job changes of the people on your list. Usually that is one or more **reports** in
production: contacts of closed-won opportunities, champions, users of your product.

A report can be read when

- the integration user has access to its **folder** and to every field in it,
- it has the columns first name, last name, e-mail and company; an ID of the contact or lead
  makes matches exact,
- it has at most 2,000 rows, which is all Salesforce gives out. Save narrower reports, for
  example one for each region, and choose those.

**Reports are read from production only.** No report is ever read from a sandbox.

A person on several reports counts once, with the strongest relationship.

No report at hand? A file or a list that UserGems keeps already will do. The other steps do not
wait for this one; signing for go-live does.
"""
    ),
)

ALLOW = (
    _("What allowing means"),
    _(
        """\
You see every record and every field of the 5 to 10 job changes before anything is written, who
would own them, and what of your own automation may react. Allowing it covers **exactly that**,
once, from the time you choose.

- If anything about the plan changes until then, for example somebody made the same contact
  meanwhile, that job change is held back and shown to you again. The others go.
- An admin or an approver allows it, with a fresh code from the e-mail.
- You can take it back on the page of the test until it is sent.

**Before you allow it,** tell the owners named there, and switch off alerts of your own that
should not reach anybody during the test. Choose a time at which somebody can look.
"""
    ),
)

TEST = (
    _("What to look at, and who should"),
    _(
        """\
These 5 to 10 are real job changes in your production org. Nobody who was tried in the sandbox is
among them: those come with the first batch.

- Is it the right kind of record, on the right account, with the right owner?
- Was nobody made twice, and was nothing overwritten? What stood in a field before is shown.
- Did only those alerts go out that you expected?
- Does a **rep** see the component on the page?

**Something is off?** Say so and choose where the fault lies. The setting is corrected and the
same job change is sent again: records that exist are corrected in place, nothing is made twice.

When every job change looks right to both sides, or both have set it aside with a reason, each
side approves. Nothing more is written until both have signed for go-live.
"""
    ),
)
