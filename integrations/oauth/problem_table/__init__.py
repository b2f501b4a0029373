"""What can go wrong while signing up with Salesforce: what, who fixes it, what to click.

One row is one page, by subject: the app, the user, the org, our own side, the guard, the answer.
Sources: contact-tracking reference 4.3, platform reference 1.3 to 1.5. Texts that Salesforce
sends choose a row here and are never shown: a caller of the callback writes them freely.
"""

from integrations.oauth.problem_table import answer, app, guard, org, ours, user
from integrations.oauth.problem_table.base import Problem, Setup

ROWS: tuple[Problem, ...] = (
    *app.ROWS,
    *user.ROWS,
    *org.ROWS,
    *answer.ROWS,
    *ours.ROWS,
    *guard.ROWS,
)

__all__ = ["ROWS", "Problem", "Setup"]
