"""Mails after go-live: a schedule that waits for people, or that a person stopped. A regular batch
is no news beyond the list of what happened."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Customer
from jobchanges.models import SendingSchedule
from portal.mail.go_live import side_name
from portal.mail.news import News, everyone_of, manager_of, news_send, signers_of
from portal.models import MailKind
from portal.steps.turns import LIVE_KEY


def schedule_held_send(*, schedule: SendingSchedule) -> None:
    """Something is due and people have to act: those who sign, or who mend the org; and us."""
    customer = schedule.customer
    signing = schedule.held_turn == "both"
    news = News(
        **_places(customer),
        customer=customer,
        kind=MailKind.ATTENTION,
        step=LIVE_KEY,
        subject=_("%(company)s: new job changes wait"),
        heading=_("New job changes wait"),
        paragraphs=[
            schedule.held_reason,
            _("Nothing more is sent before both sides have signed a new summary.")
            if signing
            else _("They go by themselves when this is put right."),
        ],
        action_label=_("See what is in the way"),
    )
    news_send(news, [*signers_of(customer), *manager_of(customer)])


def schedule_stopped_send(*, schedule: SendingSchedule) -> None:
    """A person stopped the regular batches: why, and who lets them go on. To both sides."""
    customer = schedule.customer
    news = News(
        **_places(customer),
        customer=customer,
        kind=MailKind.ATTENTION,
        step=LIVE_KEY,
        subject=_("%(company)s: regular batches are stopped"),
        heading=_("The regular batches are stopped"),
        paragraphs=[
            _("%(who)s stopped the regular batches.") % {"who": schedule.stopped_by},
            _("The reason: %(reason)s") % {"reason": schedule.stop_reason},
            _("Only %(side)s can let them go on.")
            % {"side": side_name(schedule.stopped_side, customer)},
        ],
        action_label=_("See where it stands"),
    )
    news_send(news, [*everyone_of(customer), *manager_of(customer)])


def _places(customer: Customer) -> dict[str, str]:
    """Where the customer's people and where managers read on."""
    return {
        "path": reverse("sending"),
        "desk_path": reverse("admin:accounts_customer_sending", args=[customer.pk]),
    }
