"""Comments on a test's job changes, mailed to the other side: what came together in one mail.

Each comment has its row for each reader. The first that goes out tells all that wait, and the rows
of those end; within half an hour of a mail about a test there is no second one.
"""

from datetime import timedelta

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobchanges.models import Comment, Side
from portal.mail.messages import mail_build, site_url
from portal.mail.outbox import Mail, mails_put
from portal.mail.readers import everyone_of, staff_of
from portal.mail.written import Drop, Later
from portal.models import MailKind, OutgoingMail

# Whoever writes one comment often writes the next at once.
COLLECT = timedelta(minutes=3)
APART = timedelta(minutes=30)
SOON = timedelta(minutes=1)
MOST_COMMENTS = 20
LONGEST = 400


def comment_mails_put(*, comment: Comment) -> int:
    """Put a mail on its way to everybody of the other side; how many.

    Of a draft the customer knows nothing yet, and its page is closed to them.
    """
    run = comment.delivery.test_run
    if run is None:
        return 0
    if comment.side == Side.VENDOR and run.sent_at is None and run.offered_at is None:
        return 0
    customer = run.customer
    people = staff_of(customer) if comment.side == Side.CUSTOMER else everyone_of(customer)
    return mails_put(
        Mail(
            key=f"comments:{run.pk}:{comment.pk}:{person.pk}",
            user=person,
            customer=customer,
            kind=MailKind.COMMENTS,
            writer="comments",
            content={"run": run.pk, "comment": comment.pk},
            due_at=timezone.now() + COLLECT,
        )
        for person in people
    )


def comments_write(mail: OutgoingMail) -> EmailMultiAlternatives | Drop | Later:
    """All comments of the other side on this test that the reader was not mailed yet."""
    run_pk, own = mail.content.get("run"), mail.content.get("comment")
    rows = OutgoingMail.objects.filter(
        writer="comments", user=mail.user, customer=mail.customer, content__run=run_pk
    )
    sent = rows.exclude(sent_at=None).order_by("-sent_at")
    if any(own in row.content.get("told", []) for row in sent[:50]):
        return Drop("said with another one")
    if _goes_first(rows, mail):
        # Another worker may be at it: only the first that waits tells all, so none is told twice.
        return Later(timezone.now() + SOON)
    last = sent.first()
    if last is not None and last.sent_at and timezone.now() - last.sent_at < APART:
        return Later(last.sent_at + APART)
    waiting = rows.filter(sent_at=None, dropped_at=None).values_list("content", flat=True)
    keys = [content["comment"] for content in waiting]
    found = list(
        Comment.objects.select_related("by", "delivery__test_run", "delivery__job_change")
        .filter(pk__in=keys)
        .order_by("at", "pk")
    )
    if not found or mail.customer is None:
        return Drop("nothing to say")
    mail.content = {**mail.content, "told": [comment.pk for comment in found]}
    return _built(mail, found)


def _goes_first(rows: QuerySet[OutgoingMail], mail: OutgoingMail) -> bool:
    """Whether one that was put before goes out now; one that is put off makes nobody wait."""
    before = rows.filter(pk__lt=mail.pk, sent_at=None, dropped_at=None)
    return before.filter(due_at__lte=timezone.now()).exists()


def _built(mail: OutgoingMail, found: list[Comment]) -> EmailMultiAlternatives | Drop:
    run, customer = found[0].delivery.test_run, mail.customer
    if run is None or customer is None:
        return Drop("nothing to say")
    writers = ", ".join(dict.fromkeys(str(comment.by) for comment in found))
    subject = ngettext(
        "%(company)s: %(count)s comment on %(environment)s test %(number)s",
        "%(company)s: %(count)s comments on %(environment)s test %(number)s",
        len(found),
    ) % {
        "company": customer.name,
        "count": len(found),
        "environment": run.get_environment_display().lower(),
        "number": run.number,
    }
    points = [
        _("%(person)s on %(job_change)s: %(text)s")
        % {
            "person": comment.by,
            "job_change": comment.delivery.job_change.person_name,
            "text": Truncator(comment.text).chars(LONGEST),
        }
        for comment in found[:MOST_COMMENTS]
    ]
    path = (
        reverse("admin:jobchanges_testrun_change", args=[run.pk])
        if mail.user.is_staff
        else reverse("test_run", args=[run.pk])
    )
    return mail_build(
        template="news",
        to=mail.user.email,
        person=mail.user,
        kind=MailKind.COMMENTS,
        subject=subject,
        manager=customer.implementation_manager,
        action_url=site_url(path),
        action_label=_("Read and answer"),
        heading=_("%(people)s wrote to you") % {"people": writers},
        points=points,
        more=len(found) - len(points),
    )
