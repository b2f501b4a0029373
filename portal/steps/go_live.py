"""The launch: both sides sign the frozen summary, then the first batch is sent."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer, Path, Role
from jobchanges.models import Batch
from portal.models import Summary
from portal.steps.base import (
    CUSTOMER,
    VENDOR,
    Finding,
    Step,
    attention,
    checking,
    customers_turn,
    done,
    vendors_turn,
)
from portal.steps.facts import Facts
from portal.steps.go_live_facts import SummaryFacts
from portal.steps.go_live_words import (
    answered_words,
    ended_words,
    halted_words,
    signature_lines,
    signed_words,
)
from portal.steps.words import manager_name, when


class GoLiveStep(Step):
    """A step of the last stage: it happens in production and carries the stage's name."""

    roles = (Role.ADMIN, Role.APPROVER)

    @property
    def key(self) -> str:
        """`go_live.sign_off`, `go_live.first_batch`."""
        return f"go_live.{self.name}"


class SignOffStep(GoLiveStep):
    """`go_live.sign_off`."""

    name = "sign_off"
    template = "portal/setup/steps/sign_off.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Sign the go-live summary")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about."""
        return _("Both sides read the same summary and sign it")

    def manager_next(self, name: str) -> str:
        """What the manager does when it is their turn."""
        return _("Next: %(name)s prepares the go-live summary, and both sides sign it.") % {
            "name": name
        }

    def started(self, facts: Facts) -> bool:
        """Whether a summary stands or was released: what it says is compared by itself."""
        released = facts.batch is not None and not facts.batch.void
        return released or (facts.summary is not None and facts.summary.stands)

    def look(self, facts: Facts) -> Finding:
        """By the newest summary and its signatures."""
        name = manager_name(facts.customer)
        found = facts.summary
        batch = facts.batch.batch if facts.batch and not facts.batch.void else None
        # After the end of the batch what was signed is history. While it is sent, a change of it
        # voids the signatures all the same: the rest goes on under a summary signed anew.
        if batch is not None and (found is None or batch.state == Batch.State.ENDED):
            return _released(found if found is not None and found.summary.batch_id else None)
        if found is None:
            return vendors_turn(
                _("%(name)s prepares the summary; then both sides read and sign it")
                % {"name": name}
            )
        if not found.stands:
            return _void(found.summary, facts.customer)
        if not found.summary.ready:
            return _being_prepared(found.summary, facts.customer)
        if found.signed:
            return done(
                signed_words(found), summary=found.summary, signatures=signature_lines(found)
            )
        return _to_sign(found, facts.customer)


class FirstBatchStep(GoLiveStep):
    """`go_live.first_batch`. Both sides may pause and stop it, so it is read by everybody."""

    name = "first_batch"
    template = "portal/setup/steps/first_batch.html"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return _("Send the first batch")

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about; after production was replaced, what became of the batch."""
        if facts.batch is not None and facts.batch.batch.state == Batch.State.ENDED:
            return _("Production was replaced: a new batch takes every job change to the new org")
        if facts.batch is not None and facts.batch.void:
            return _(
                "The portal stopped the batch for %(org)s, because production was replaced; a new "
                "batch goes to the new org"
            ) % {"org": facts.batch.batch.epoch.name}
        if facts.customer.path == Path.PRODUCTION_ONLY:
            return _("Every job change that waits")
        return _("Every job change that waits, and every one tried in the sandbox")

    def manager_next(self, name: str) -> str:
        """What the manager does when it is their turn."""
        return _(
            "Once both sides have signed, %(name)s releases the first batch inside your start "
            "window."
        ) % {"name": name}

    def started(self, facts: Facts) -> bool:
        """Whether the batch was released, to the org that is production now."""
        return facts.batch is not None and not facts.batch.void

    def look(self, facts: Facts) -> Finding:
        """By the batch; before there is one, by the start window."""
        if facts.batch is None or facts.batch.void:
            return self._before(facts)
        found, batch = facts.batch, facts.batch.batch
        match batch.state:
            case Batch.State.SENDING:
                return checking(
                    answered_words(found),
                    batch.released_at,
                    found=found,
                    chip=_("Being sent"),
                )
            case Batch.State.PAUSED | Batch.State.STOPPED:
                return attention(
                    halted_words(batch),
                    batch.halted_at,
                    progress=answered_words(found),
                    side=CUSTOMER if batch.halted_side == CUSTOMER else VENDOR,
                    found=found,
                    manager_next=_(
                        "Next: %(name)s looks at why it stands still, then lets it go on."
                    )
                    % {"name": manager_name(facts.customer)},
                )
            case _:
                return done(ended_words(found), found=found)

    def _before(self, facts: Facts) -> Finding:
        """Signed by both: the start window says from when and until when it may be released."""
        name = manager_name(facts.customer)
        window = facts.summary.signatures.get("customer") if facts.summary else None
        if window is None or facts.summary is None or not facts.summary.signed:
            return vendors_turn(self.locked_sentence(facts))
        now = timezone.now()
        if window.starts_at is not None and now < window.starts_at:
            return checking(
                _("Starts %(when)s at the earliest: %(name)s releases it then")
                % {"when": when(window.starts_at), "name": name},
                chip=_("Waits for its time"),
                waits_until=window.starts_at,
                window=window,
            )
        if window.ends_at is not None and now > window.ends_at:
            return attention(
                _("The start window ended %(when)s. %(name)s prepares a new summary to sign")
                % {"when": when(window.ends_at), "name": name},
                window.ends_at,
                side=VENDOR,
                window=window,
            )
        if window.ends_at is None:
            words = _("Signed by both sides: %(name)s releases it") % {"name": name}
        else:
            words = _("Signed by both sides: %(name)s releases it before %(when)s") % {
                "name": name,
                "when": when(window.ends_at),
            }
        return vendors_turn(
            words,
            window.starts_at or window.at,
            window=window,
            manager_next=_("Next: %(name)s releases the first batch inside your start window.")
            % {"name": name},
        )


# --- the summary -------------------------------------------------------------------------------


def _released(found: SummaryFacts | None) -> Finding:
    """The batch was released: whoever signed for it."""
    if found is None or not found.signatures:
        return done(_("Signed by both sides"))
    return done(signed_words(found), summary=found.summary, signatures=signature_lines(found))


def _void(summary: Summary, customer: Customer) -> Finding:
    """Withdrawn by a person, or voided by a change: then it says what changed."""
    name = manager_name(customer)
    if not summary.differences:
        if summary.voided_by is None:
            return vendors_turn(
                _("The summary no longer holds. %(name)s prepares a new one") % {"name": name},
                summary.voided_at,
            )
        return vendors_turn(
            _("%(person)s withdrew the summary. %(name)s prepares a new one")
            % {"person": summary.voided_by, "name": name},
            summary.voided_at,
        )
    first = str(summary.differences[0].get("what", ""))
    more = len(summary.differences) - 1
    what = first
    if more:
        what = ngettext("%(first)s and %(count)s more", "%(first)s and %(count)s more", more) % {
            "first": first,
            "count": more,
        }
    return attention(
        _("Changed since it was prepared: %(what)s. %(name)s prepares a new one to sign")
        % {"what": what, "name": name},
        summary.voided_at,
        side=VENDOR,
        summary=summary,
        differences=summary.differences,
    )


def _being_prepared(summary: Summary, customer: Customer) -> Finding:
    """Frozen, and the forecast is not there yet."""
    if summary.forecast_error:
        return attention(
            _("The forecast could not be made. %(name)s tries again")
            % {"name": manager_name(customer)},
            summary.frozen_at,
            side=VENDOR,
            summary=summary,
            error=summary.forecast_error,
        )
    return checking(
        _("Begun %(when)s: your org is asked what the first batch would do")
        % {"when": when(summary.frozen_at)},
        summary.frozen_at,
        summary=summary,
        chip=_("Being prepared"),
    )


def _to_sign(found: SummaryFacts, customer: Customer) -> Finding:
    """Whose signature is missing; the customer's first when both are."""
    summary, name = found.summary, manager_name(customer)
    detail = {"summary": summary, "signatures": signature_lines(found)}
    customers, vendors = found.signatures.get("customer"), found.signatures.get("vendor")
    if customers is not None:
        return vendors_turn(
            _("%(person)s signed for %(customer)s; %(name)s signs too")
            % {"person": customers.name, "customer": customer.name, "name": name},
            customers.at,
            **detail,
        )
    if vendors is not None:
        return customers_turn(
            _("%(person)s signed; %(customer)s signs too")
            % {"person": vendors.name, "customer": customer.name},
            vendors.at,
            sign=True,
            **detail,
        )
    return customers_turn(
        _("Prepared %(when)s: read it and sign it") % {"when": when(summary.frozen_at)},
        summary.forecast_at or summary.frozen_at,
        sign=True,
        **detail,
    )
