"""Mails about a test run: ready to review, approved. To the customer's people and the manager."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import TestRun
from portal.mail.news import News, everyone_of, manager_of, news_send
from portal.models import MailKind


def test_run_ready_send(*, test_run: TestRun) -> None:
    """The job changes are in the org: look at each and say whether it is right."""
    count = test_run.deliveries.count()
    _send(
        test_run,
        kind=MailKind.TURN,
        step=f"{test_run.environment}.test",
        subject=_("%(customer)s: %(environment)s test %(number)d is ready to review"),
        heading=_("The %(environment)s test %(number)d is ready to review"),
        paragraphs=[
            ngettext(
                "The %(count)d job change of %(environment)s test %(number)d went to the org "
                "%(org)s of %(customer)s. Each can now be looked at: what was sent, what the org "
                "stored, and what Salesforce refused.",
                "The %(count)d job changes of %(environment)s test %(number)d went to the org "
                "%(org)s of %(customer)s. Each can now be looked at: what was sent, what the org "
                "stored, and what Salesforce refused.",
                count,
            ),
            _(
                "Say for each whether it looks right or something is off. The test is approved "
                "when both sides agree."
            ),
        ],
        action_label=_("Review the job changes"),
        count=count,
    )


def test_run_approved_send(*, test_run: TestRun) -> None:
    """Both sides approved the run."""
    _send(
        test_run,
        kind=MailKind.PROGRESS,
        step="",
        subject=_("%(customer)s: %(environment)s test %(number)d is approved"),
        heading=_("The %(environment)s test %(number)d is approved"),
        paragraphs=[
            _(
                "%(customer)s and UserGems both approved %(environment)s test %(number)d in the "
                "org %(org)s. The setup page says what comes next."
            )
        ],
        action_label=_("Open the test"),
    )


def _send(
    test_run: TestRun,
    *,
    kind: MailKind,
    step: str,
    subject: str,
    heading: str,
    paragraphs: list[str],
    action_label: str,
    count: int = 0,
) -> None:
    customer = test_run.customer
    words = {
        "customer": customer.name,
        "environment": test_run.get_environment_display().lower(),
        "number": test_run.number,
        "org": test_run.epoch.name,
        "count": count,
    }
    news = News(
        customer=customer,
        kind=kind,
        step=step,
        # news_send fills in a company once more: a per cent sign in a name stays one.
        subject=(subject % words).replace("%", "%%"),
        heading=heading % words,
        paragraphs=[paragraph % words for paragraph in paragraphs],
        action_label=action_label,
        path=reverse("test_run", args=[test_run.pk]),
        desk_path=reverse("admin:jobchanges_testrun_change", args=[test_run.pk]),
    )
    news_send(news, [*everyone_of(customer), *manager_of(customer)])
