"""The answer and the sign-up around it: too late, twice, declined, over."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table.base import PRIVATE_WINDOW, YOU, Problem

STRAIGHT_THROUGH = _("Start again, in one browser window, and go straight through.")

ROWS: tuple[Problem, ...] = (
    Problem(
        "code_expired",
        _("The answer came too late"),
        _("Salesforce’s answer is good once and for 15 minutes; this one was used or too old."),
        YOU,
        (STRAIGHT_THROUGH,),
        address_bar=("expired authorization code",),
    ),
    Problem(
        "state_unknown",
        _("This answer belongs to no sign-up under way"),
        _(
            "The page was loaded twice, more than ten minutes passed, it was opened in another "
            "browser, or you were signed out meanwhile. Nothing was connected."
        ),
        YOU,
        (STRAIGHT_THROUGH,),
    ),
    Problem(
        "declined",
        _("Nothing was connected"),
        _(
            "You said that this was not the right org or user. The access just given was handed "
            "back."
        ),
        YOU,
        (PRIVATE_WINDOW,),
        status=HTTPStatus.OK,
    ),
    Problem(
        "attempt_over",
        _("This sign-up has ended"),
        _(
            "It was answered already, or nobody confirmed it within half an hour. What Salesforce "
            "had given was thrown away."
        ),
        YOU,
        (_("Start again, and confirm the org when you are back."),),
    ),
    Problem(
        "link_over",
        _("This sign-up link has ended"),
        _("It was used, revoked, replaced by a newer one, or its time is over."),
        _("Your implementation manager can send a new one."),
        (_("Look for a newer mail with a sign-up link."), _("If there is none, ask for one.")),
        again=False,
        status=HTTPStatus.GONE,
    ),
)
