"""Help delivered for the steps in an org, as (title, Markdown).

Sources: the vendor's seed guide; contact-tracking reference, sections 3 to 8 and 10; platform
reference, sections 1, 4 to 7.
"""

from django.utils.translation import gettext_lazy as _

PACKAGE = (
    _("How to install it, and what it brings"),
    _(
        """\
As Salesforce administrator of this org, with the permission *Download AppExchange Packages*:

1. Open the install page with the button and sign in to **this** org. A sandbox has its own
   package and its own sign-in (test.salesforce.com or your My Domain).
2. Choose **Install for All Users**. With *Admins Only* your reps and the integration user see
   neither the object nor the fields, and every right has to be given by hand.
3. If Salesforce asks about access to other sites, agree to what it lists. Installing takes a few
   minutes; Salesforce sends an e-mail when it has finished.
4. Come back. Once the org is connected, the portal asks it for the package and its version; before
   that, say below that it is installed.

**What it brings:** the object *UserGems*, fields whose labels begin with *UG* on Contact, Lead
and Account, a Lightning component for record pages, and an app with list views. It changes none
of your pages, profiles or automation: nothing is visible to reps before you put it on a page.

**When it is not found:** look under [Installed Packages](setup:packages). If it stands there,
another org was connected than the one it was installed in: compare the org ID with *Salesforce
orgs* in the menu. A sandbox that was refreshed has lost it and needs it again.
"""
    ),
)

SANDBOX_CONNECT = (
    _("What you need for it"),
    _(
        """\
You need the sign-in of the **integration user** of this sandbox: a user of its own for UserGems,
not yours. If your browser is signed in as somebody else, open the link in a private window, or
Salesforce connects that user without asking.

- **For the first time** that user needs the profile *System Administrator* or the permission
  *Approve Uninstalled Connected Apps*; with API Access Control (search for it in Setup) the
  permission *Use Any API Client* instead. Take it away again after the app is installed.
- **Codes by e-mail never arrive** in a sandbox: addresses of users end in `.invalid` there.
  Correct the address of the integration user under [Users](setup:users) first.
- **Right after connecting**, as administrator: [Connected Apps OAuth Usage](setup:apps_usage),
  find UserGems (in alphabetical order, or at the very bottom), click **Install**. Then other
  users may use it, too, and Salesforce stops blocking it.
- **Take a full-copy sandbox if you have one.** Test job changes are about real people: in a
  smaller sandbox most of their records and companies do not exist, so that almost everything
  looks new there.

A user with the license *Salesforce Integration* works through the API only and may not get past
the sign-in in a browser. Ask your implementation manager before you choose one.

If the page stays with Salesforce and shows an error, nothing is broken: open *What the page in
Salesforce means*, or send its address to your implementation manager.
"""
    ),
)

PERMISSIONS = (
    _("How to give them"),
    _(
        """\
As Salesforce administrator:

1. [Permission Sets](setup:permission_sets), New: name it “UserGems Integration”, license
   **None**. Give it what the list below says: objects under *Object Settings*, the rest under
   *System Permissions*.
2. In the same set, under *Manage Assignments*, add the integration user.
3. [Users](setup:users), the integration user, Edit: tick **Marketing User**. It is on the list
   where people are added to a campaign, and uses one feature license.
4. Give the user a role above your reps ([Roles](setup:roles)), or records they own may not be
   found or updated without any error.
5. Click **Check again**: every point that is still missing is named with its object and field.

**Worth it, though not on the list:** *Download AppExchange Packages*, under System Permissions.
With it and *View Setup and Configuration* the portal can ask almost everything itself, and you
confirm less by hand.

**With the license *Salesforce Integration*** (API only): first assign the permission set license
*Salesforce API Integration* on the user record. Its profile gives nothing by itself.

**Your reps** need to read the UG fields and to edit the UserGems object, or the component on
their pages stays empty. “Install for All Users” gives both.
"""
    ),
)

SETTINGS = (
    _("What these choices mean"),
    _(
        """\
- **Record.** *Contact if the account exists, otherwise lead* suits most companies. *Always a
  lead* suits those who route leads with a tool of their own. A person who already exists at the
  new company is never made a second time: the record is filled where it is empty.
- **Owner.** A contact usually belongs to the owner of its account. The default owner gets what
  no rule gives to anybody, and stands in where the owner is inactive. Choose somebody who reads
  it.
- **Lead source.** A value that your reports can filter by. A restricted picklist must know it:
  [fields of Lead](setup:fields:Lead) and [fields of Contact](setup:fields:Contact).
- **Campaign.** Optional. Its ID belongs to one org, so production gets its own.
- **Fields of your own.** Filled only where they are empty. The one exception is a field of the
  past record that you mark as *replace*, for example a lead status; it is shown again before you
  sign.

The examples beside the choices come from your own job changes. Nothing is written by saving.
"""
    ),
)

LAYOUTS = (
    _("How to show them"),
    _(
        """\
As Salesforce administrator:

1. **Component.** Open a contact, then Setup (the cog), *Edit Page*. Drag **UserGems** to the
   upper right, Save, then *Activation*: activate the page for the apps, record types and
   profiles of your reps. The same on a lead. ([Pages of Contact](setup:lightning_pages:Contact),
   [of Lead](setup:lightning_pages:Lead))
2. **Fields.** [Page Layouts of Contact](setup:page_layouts:Contact): add the UG fields that your
   reps should see. The same for [Lead](setup:page_layouts:Lead).
3. **Related list.** In the same page layouts, under *Related Lists*, add **UserGems**. The same
   for [Account](setup:page_layouts:Account).

**It is right when** a lead from a job change shows the new job, the past contact shows that the
person left, and any other contact shows nothing. Look at it as a rep, not only as administrator:
under Users, *Login*, where your org allows it.

**Saved but not seen?** A Lightning page counts only once it is activated. A page layout counts
for the profiles it is assigned to: *Page Layout Assignment*.
"""
    ),
)

LEAD_CONVERSION = (
    _("How to map them"),
    _(
        """\
As Salesforce administrator:

1. Setup, Object Manager, Lead, [Fields & Relationships](setup:fields:Lead), **Map Lead Fields**.
2. Map every UG field to the contact field of the same name, then Save. Standard fields map
   themselves.
3. Convert one test lead: the UG fields are on the contact.

**Why it matters:** a lead field of the package that is not mapped is lost when a lead is
converted, without a word. It matters even if you never get new leads from us: leads that exist
are filled, too.

A lead field and its contact field must have the same type. One lead field goes to one contact
field.

Nobody converts leads at your company? Your implementation manager can waive this step.
"""
    ),
)

TEST = (
    _("What to look at, and who should"),
    _(
        """\
Your implementation manager picks 5 to 10 job changes that try different cases and sends them to
this sandbox. For each you see every record that was made or touched, field by field: what was
sent, what Salesforce stored, and what your own automation changed a little later.

Go through them with somebody who works with these records every day:

- Is it the right kind of record, on the right account, with the right owner?
- Was nobody made twice? Search for the e-mail address if you doubt it.
- Are your own fields filled, and was nothing overwritten?
- Is the past contact marked as gone, and does the UserGems record link both sides?
- Does a **rep** see the component on the page?
- Convert one lead and look at the contact: are the UG fields there?

**Something is off?** Say so and choose where the fault lies. The setting is corrected and the
same job change is sent again; both attempts stand side by side. Nothing in production is
touched.

**Done with the test?** One click takes out of the sandbox what the test created.
"""
    ),
)
