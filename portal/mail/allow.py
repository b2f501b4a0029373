"""Mails about allowing the production test: asked of the customer, then told to who sends it."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import Allowance, TestRun
from portal.mail.news import News, manager_of, moment, news_send, signers_of
from portal.models import MailKind


def test_run_offered_send(*, test_run: TestRun) -> None:
    """The customer is asked to allow the production test."""
    customer = test_run.customer
    count = test_run.deliveries.count()
    news = News(
        customer=customer,
        kind=MailKind.TURN,
        step="production.allow",
        subject=_("%(company)s: allow the production test"),
        heading=_("Allow the production test"),
        paragraphs=[
            ngettext(
                "%(count)d job change is ready for the org %(org)s. Nothing is written before "
                "%(company)s allows it.",
                "%(count)d job changes are ready for the org %(org)s. Nothing is written before "
                "%(company)s allows it.",
                count,
            )
            % {"count": count, "org": test_run.epoch.name, "company": customer.name},
            _(
                "The page shows every record and field that would be written, and who would own "
                "it. An admin or approver allows it once, from a time on."
            ),
        ],
        action_label=_("See what would be written"),
        path=reverse("test_run", args=[test_run.pk]),
        desk_path=reverse("admin:jobchanges_testrun_change", args=[test_run.pk]),
    )
    news_send(news, [*signers_of(customer), *manager_of(customer)])


def test_run_allowed_send(*, allowance: Allowance) -> None:
    """The manager may send the production test."""
    run = allowance.test_run
    customer = run.customer
    news = News(
        customer=customer,
        kind=MailKind.TURN,
        step="production.test",
        subject=_("%(company)s: the production test is allowed"),
        heading=_("The production test is allowed"),
        paragraphs=[
            _("%(person)s allowed the production test for %(company)s, from %(time)s on.")
            % {
                "person": allowance.by,
                "company": customer.name,
                "time": moment(allowance.starts_at),
            },
            _(
                "UserGems sends it after that. Only what was shown is written; a plan that has "
                "changed by then is held and asked for again."
            ),
        ],
        action_label=_("Open the test"),
        path=reverse("test_run", args=[run.pk]),
        desk_path=reverse("admin:jobchanges_testrun_change", args=[run.pk]),
    )
    news_send(news, [allowance.by, *manager_of(customer)])


def test_run_allowance_withdrawn_send(*, allowance: Allowance) -> None:
    """The manager learns that the customer took the allowance back, and why."""
    run = allowance.test_run
    customer = run.customer
    news = News(
        customer=customer,
        kind=MailKind.ATTENTION,
        step="production.allow",
        subject=_("%(company)s: the production test is no longer allowed"),
        heading=_("The allowance was taken back"),
        paragraphs=[
            _("%(who_and_why)s Nothing was sent by it.")
            % {"who_and_why": allowance.withdrawn_reason},
            _("UserGems changes the test where it has to, and offers it again."),
        ],
        action_label=_("Open the test"),
        path=reverse("test_run", args=[run.pk]),
        desk_path=reverse("admin:jobchanges_testrun_change", args=[run.pk]),
    )
    told = [] if allowance.withdrawn_by == allowance.by else [allowance.by]
    news_send(news, [*told, *manager_of(customer)])
