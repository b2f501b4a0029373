"""Signed in, but this org may not be connected here (product.md, section 4)."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from integrations.oauth.problem_table.base import (
    HANDED_BACK,
    MANAGER,
    PRIVATE_WINDOW,
    YOU,
    Problem,
)

ROWS: tuple[Problem, ...] = (
    Problem(
        "production_in_sandbox",
        _("This is a production org, and the link is for a sandbox"),
        HANDED_BACK,
        YOU,
        (
            PRIVATE_WINDOW,
            _(
                "Sign in to the sandbox at test.salesforce.com: its usernames end in a dot and "
                "the sandbox’s name."
            ),
        ),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "sandbox_in_production",
        _("This is a sandbox, and the link is for production"),
        HANDED_BACK,
        YOU,
        (PRIVATE_WINDOW, _("Sign in to production at login.salesforce.com.")),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "developer_org",
        _("This is a Developer Edition org"),
        _(
            "Contact tracking works in a company’s sandbox or production org. Nothing was "
            "connected, and the access just given was handed back."
        ),
        YOU,
        (PRIVATE_WINDOW, _("Sign in to your company’s own org.")),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "trial_org",
        _("This is a trial org"),
        _(
            "A trial org ends, and its data with it. Nothing was connected, and the access just "
            "given was handed back."
        ),
        YOU,
        (PRIVATE_WINDOW, _("Sign in to your company’s own org.")),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "scratch_org",
        _("This is a scratch org"),
        _(
            "A scratch org ends within weeks. Nothing was connected, and the access just given was "
            "handed back."
        ),
        YOU,
        (PRIVATE_WINDOW, _("Sign in to your company’s own sandbox or production org.")),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "org_taken",
        _("This org cannot be connected here"),
        _(
            "It needs a look by our staff first. Nothing was connected, and the access just given "
            "was handed back."
        ),
        MANAGER,
        (
            _("We were told, and write to you."),
            _("If you signed in to the wrong org, start again in a private window."),
        ),
        ours=True,
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "other_org",
        _("This is a different org than the one connected before"),
        _(
            "It is neither the connected org nor a refresh of it. Nothing was connected, and the "
            "access just given was handed back."
        ),
        YOU,
        (
            _("Wrong org? Start again in a private window, and sign in to the connected one."),
            _(
                "Shall this org take the place of the earlier one? Disconnect that one first, "
                "under Salesforce orgs, then start again. What was checked and tested there "
                "stays as history and no longer counts."
            ),
        ),
        status=HTTPStatus.CONFLICT,
    ),
    Problem(
        "not_the_parent",
        _("This is not the production org of the tested sandbox"),
        _(
            "Salesforce names the sandboxes that were made from this org, and the tested one is "
            "not among them. What was tested says nothing about this org. Nothing was connected, "
            "and the access just given was handed back."
        ),
        YOU,
        (
            PRIVATE_WINDOW,
            _("Sign in to the production org that the sandbox was made from."),
            _(
                "If this is the right production: disconnect the sandbox under Salesforce orgs, "
                "connect one of this org’s own, and test there first."
            ),
        ),
        status=HTTPStatus.CONFLICT,
    ),
)
