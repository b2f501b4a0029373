"""Mails on the way to live: to the person whose turn it is and the manager; a halt and the end go
to everyone of both sides. One link each, to where the person reads it."""

from collections.abc import Sequence

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, User
from jobchanges.models import Batch, Side
from jobchanges.selectors.batches import batch_progress
from portal.mail.news import News, everyone_of, manager_of, moment, news_send, signers_of
from portal.models import MailKind, Signature, Summary
from portal.signoff.differences import difference_sentence
from portal.signoff.standing import batch_name
from portal.signoff.types import Difference
from portal.steps.turns import LIVE_KEY

SIGN_OFF, FIRST_BATCH = "go_live.sign_off", "go_live.first_batch"


def summary_ready_send(*, summary: Summary) -> None:
    """Both sides may read and sign."""
    customer = summary.customer
    news = _about_go_live(
        customer,
        kind=MailKind.TURN,
        step=SIGN_OFF,
        subject=_("%(company)s: read and sign go-live"),
        heading=_("The go-live summary is ready to sign"),
        paragraphs=[
            _(
                "The summary says what %(batch)s will write to production, and what was checked "
                "and tested before. Job changes imported until %(time)s are in it."
            )
            % {"time": moment(summary.frozen_at), "batch": batch_name(customer)},
            _(
                "One person of each side reads and signs it. The customer’s signature also says "
                "when %(batch)s may start."
            )
            % {"batch": batch_name(customer)},
        ],
        action_label=_("Read and sign"),
    )
    news_send(news, [*signers_of(customer), *manager_of(customer)])


def summary_signed_send(*, signature: Signature) -> None:
    """One side signed: the other is next. Both did: the manager releases the first batch."""
    summary = signature.summary
    customer = summary.customer
    sides = {one.side: one for one in summary.signatures.all()}
    paragraphs = [
        _("%(person)s signed for %(side)s.")
        % {"person": signature.name, "side": side_name(signature.side, customer)}
    ]
    people: list[User]
    if len(sides) > 1:
        theirs = sides[Side.CUSTOMER]
        subject = _("%(company)s: both sides signed go-live")
        heading = _("Both sides signed go-live")
        if theirs.starts_at and theirs.ends_at:
            paragraphs.append(
                _("UserGems releases %(batch)s between %(start)s and %(end)s.")
                % {
                    "batch": batch_name(customer),
                    "start": moment(theirs.starts_at),
                    "end": moment(theirs.ends_at),
                }
            )
        people = [*signers_of(customer), *manager_of(customer)]
        label = _("Open go-live")
    else:
        by_customer = signature.side == Side.CUSTOMER
        subject = _("%(company)s: go-live waits for your signature")
        heading = _("One signature is missing")
        paragraphs.append(
            _("UserGems is next: read the summary and sign it.")
            if by_customer
            else _(
                "%(company)s is next: an admin or approver reads the summary, signs it and "
                "chooses when %(batch)s may start."
            )
            % {"company": customer.name, "batch": batch_name(customer)}
        )
        people = [*([] if by_customer else signers_of(customer)), *manager_of(customer)]
        label = _("Read and sign")
    news = _about_go_live(
        customer,
        kind=MailKind.PROGRESS if len(sides) > 1 else MailKind.TURN,
        step=FIRST_BATCH if len(sides) > 1 else SIGN_OFF,
        subject=subject,
        heading=heading,
        paragraphs=paragraphs,
        action_label=label,
    )
    news_send(news, people)


def summary_voided_send(*, summary: Summary) -> None:
    """What was signed holds no longer: what changed, and that it is signed again."""
    customer = summary.customer
    points = [
        difference_sentence(
            Difference(str(one["what"]), str(one.get("before", "")), str(one.get("after", "")))
        )
        for one in summary.differences
    ]
    if summary.voided_by is not None and not points:
        why = _("%(person)s withdrew the summary; the signatures on it ended with it.") % {
            "person": summary.voided_by
        }
    else:
        why = _("Something that was signed has changed, so the signatures ended:")
    news = _about_go_live(
        customer,
        kind=MailKind.ATTENTION,
        step=SIGN_OFF,
        subject=_("%(company)s: go-live is to be signed again"),
        heading=_("Go-live is to be signed again"),
        paragraphs=[why],
        points=points,
        action_label=_("See what changed"),
    )
    news_send(news, [*signers_of(customer), *manager_of(customer)])


def batch_released_send(*, batch: Batch) -> None:
    """Sending began. A regular batch is no news beyond the list of what happened."""
    if batch.kind == Batch.Kind.REGULAR:
        return
    total = batch.deliveries.count()
    name = _named(batch)
    news = _about_go_live(
        batch.customer,
        kind=MailKind.PROGRESS,
        subject=_("%(company)s: {batch} is being sent").format(batch=name),
        heading=_("%(Batch)s is being sent") % {"Batch": capfirst(name)},
        paragraphs=[
            ngettext(
                "%(person)s released %(batch)s: %(count)s job change goes to the org %(org)s.",
                "%(person)s released %(batch)s: %(count)s job changes go to the org %(org)s, the "
                "first 20 alone, then the rest.",
                total,
            )
            % {
                "person": batch.released_by,
                "batch": name,
                "count": intcomma(total),
                "org": batch.epoch.name,
            },
            _("Either side can pause it, or stop sending, at any time: on the page below."),
        ],
        action_label=_("Follow it"),
    )
    news_send(news, [*everyone_of(batch.customer), *manager_of(batch.customer)])


def batch_halted_send(*, batch: Batch) -> None:
    """Sending stands still: why, and who lets it go on. To both sides."""
    customer, name = batch.customer, _named(batch)
    void = batch.state == Batch.State.VOID
    stopped = void or batch.state == Batch.State.STOPPED
    who = _("The portal") if batch.halted_by is None else str(batch.halted_by)
    said = _("%(who)s stopped sending.") if stopped else _("%(who)s paused sending.")
    paragraphs = [said % {"who": who}]
    if batch.halt_reason:
        paragraphs.append(_("The reason: %(reason)s") % {"reason": batch.halt_reason})
    if void:
        paragraphs.append(
            _(
                "It does not go on. Once the new org is set up and tested, both sides sign a new "
                "summary, and a new batch takes every job change to the new org."
            )
        )
    elif stopped:
        side = side_name(batch.halted_side, customer)
        paragraphs.append(_("Only %(side)s can let it go on.") % {"side": side})
    elif batch.halted_side in Side.values:
        paragraphs.append(_("Either side can let it go on."))
    else:
        paragraphs.append(_("UserGems looks into it and lets it go on."))
    news = _about_go_live(
        customer,
        kind=MailKind.ATTENTION,
        step=FIRST_BATCH if batch.number == 1 else LIVE_KEY,
        subject=(
            _("%(company)s: {batch} is stopped") if stopped else _("%(company)s: {batch} is paused")
        ).format(batch=name),
        heading=(_("%(Batch)s is stopped") if stopped else _("%(Batch)s is paused"))
        % {"Batch": capfirst(name)},
        paragraphs=paragraphs,
        action_label=_("See where it stands"),
    )
    news_send(news, [*everyone_of(customer), *manager_of(customer)])


def batch_ended_send(*, batch: Batch) -> None:
    """The customer is live: numbers that add up, and what needs a look.

    A regular batch is no news beyond the list of what happened.
    """
    if batch.kind == Batch.Kind.REGULAR:
        return
    customer, name = batch.customer, _named(batch)
    counts = batch_progress(batch)
    points = [
        f"{word}: {intcomma(number)}"
        for word, number in (
            (_("New records created"), counts.created),
            (_("Existing records enriched"), counts.enriched),
            (_("Past record only"), counts.past_only),
            (_("UserGem record only"), counts.package_only),
            (_("Refused by Salesforce"), counts.refused),
            (_("Held"), counts.held),
        )
        if number
    ]
    news = _about_go_live(
        customer,
        kind=MailKind.PROGRESS,
        subject=_("%(company)s is live with UserGems")
        if batch.number == 1
        else _("%(company)s: {batch} is through").format(batch=name),
        heading=_("%(company)s is live") % {"company": customer.name}
        if batch.number == 1
        else _("%(Batch)s is through") % {"Batch": capfirst(name)},
        paragraphs=[
            ngettext(
                "%(Batch)s is through: %(count)s job change has its answer from %(org)s.",
                "%(Batch)s is through: all %(count)s job changes have their answer from %(org)s.",
                counts.total,
            )
            % {
                "Batch": capfirst(name),
                "count": intcomma(counts.total),
                "org": batch.epoch.name,
            }
        ],
        points=points,
        action_label=_("See the numbers, and each reason")
        if counts.refused or counts.held
        else _("See the numbers"),
    )
    news_send(news, [*everyone_of(customer), *manager_of(customer)])


def _about_go_live(
    customer: Customer,
    *,
    subject: str,
    heading: str,
    paragraphs: Sequence[str],
    action_label: str,
    kind: MailKind,
    step: str = "",
    points: Sequence[str] = (),
) -> News:
    return News(
        customer=customer,
        kind=kind,
        step=step,
        subject=subject,
        heading=heading,
        paragraphs=paragraphs,
        points=points,
        action_label=action_label,
        path=reverse("go_live"),
        desk_path=reverse("admin:accounts_customer_go_live", args=[customer.pk]),
    )


def _named(batch: Batch) -> str:
    """What the batch is called in a sentence."""
    if batch.number == 1:
        return _("the first batch")
    return _("batch %(number)s") % {"number": batch.number}


def side_name(side: str, customer: Customer) -> str:
    """What a side is called."""
    return _("UserGems") if side == Side.VENDOR else customer.name
