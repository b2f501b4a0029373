"""Help delivered for going live, as (title, Markdown).

Sources: the vendor's seed guide; contact-tracking reference, section 12; identity-and-state,
Sign-off and Launch.
"""

from django.utils.translation import gettext_lazy as _

SIGN_OFF = (
    _("What you sign, and what happens after"),
    _(
        """\
The summary is frozen when your implementation manager prepares it: which org is written to and
as which user, the settings, the checks, both tests, what was set aside and why, and what the
first batch will do. Both sides sign the same text.

- **Who signs for you:** an admin or an approver, with a fresh code from the e-mail. The two
  signatures come from two people.
- **You choose when the first batch may start.** Nothing is sent outside that window.
- **If something you signed changes** before the batch is through, for example the campaign, the
  signatures no longer count, sending stops, and the page says what changed.
- **Job changes that come in after the summary was prepared** go into the next batch.

Read the part *Who receives records* to the owners named there, and decide about alerts of your
own before you sign. Notifications that UserGems can send stay off until you switch them on.
"""
    ),
)

FIRST_BATCH = (
    _("How the first batch is sent"),
    _(
        """\
It holds every job change that waits, and **every one that was ever sent to your sandbox**. What
the production test delivered is not sent again.

1. The first 20 are sent and looked at. Then the rest.
2. It pauses by itself when too many are refused. Either side can pause it, or stop sending, at
   any time; it goes on where it stood.
3. It is gentle with your org: about one API call for twenty job changes, never more than four
   fifths of what your org has for a day. If the day is used up, it waits and goes on by itself.

**Afterwards** the numbers add up, with the reason beside each job change that was refused. You
can download the created records, the values that stood in every touched field before, and the
evidence that both sides keep.

**Your pages do not change by themselves.** Tell your reps where to look: the component on the
contact and the lead, and the app *UserGems* in the App Launcher.
"""
    ),
)
