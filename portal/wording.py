"""What an event reads like. The log keeps names of actions; the words are here, apart from it.

Every action that the code records has its line (held by tests/portal/test_activity.py).
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts.models import Environment, Event
from integrations.checks.registry import check_find
from integrations.oauth.problems import PROBLEMS

# who: the person or the portal; org: the sandbox or production; the rest comes from event data.
SENTENCES: Mapping[str, str | Promise] = {
    "customer.added": gettext_lazy("%(who)s added the company"),
    "customer.changed": gettext_lazy("%(who)s changed the company’s account"),
    "customer.assigned": gettext_lazy("%(who)s gave the company to another manager at UserGems"),
    "customer.held": gettext_lazy("%(who)s put the setup on hold"),
    "customer.hold_lifted": gettext_lazy("%(who)s let the setup go on"),
    "customer.viewed_as": gettext_lazy(
        "%(who)s began to look at the pages as the company sees them"
    ),
    "customer.viewing_ended": gettext_lazy("%(who)s stopped looking at the company’s pages"),
    "note.added": gettext_lazy("%(who)s wrote an internal note"),
    "note.changed": gettext_lazy("%(who)s changed an internal note"),
    "note.removed": gettext_lazy("%(who)s removed an internal note"),
    "signup_link.created": gettext_lazy("%(who)s sent a sign-up link for %(org)s"),
    "signup_link.replaced": gettext_lazy("%(who)s sent the sign-up link for %(org)s again"),
    "signup_link.revoked": gettext_lazy("%(who)s revoked the sign-up link for %(org)s"),
    "signup_link.proven": gettext_lazy("%(who)s opened the sign-up link and proved a work e-mail"),
    "signup_link.spent": gettext_lazy("The sign-up link for %(org)s was used up by connecting"),
    "membership.given": gettext_lazy("%(who)s gave %(colleague)s access to the portal"),
    "membership.invited_again": gettext_lazy("%(who)s sent %(colleague)s the invitation again"),
    "membership.role_changed": gettext_lazy("%(who)s made %(colleague)s %(role)s"),
    "membership.ended": gettext_lazy("%(who)s ended the access of %(colleague)s"),
    "membership.left": gettext_lazy("%(who)s left: their access has ended"),
    "checks.ran": gettext_lazy("%(who)s had %(org)s checked"),
    "checks.broke_off": gettext_lazy("Checking %(org)s broke off"),
    "checks.mailed": gettext_lazy("%(who)s sent the open points of %(org)s to a colleague"),
    "connection.established": gettext_lazy("%(who)s connected %(org)s"),
    "connection.contested": gettext_lazy(
        "Somebody else wanted to connect the org that is %(org)s here, and was refused"
    ),
    "connection.refused": gettext_lazy("A sign-up to %(org)s was refused: %(why)s"),
    "connection.lost": gettext_lazy("The connection to %(org)s stopped working"),
    "connection.idle_warned": gettext_lazy(
        "People were warned that the unused access to %(org)s will end"
    ),
    "customer.retention_warned": gettext_lazy(
        "UserGems was told that the data will be removed because nothing happens here"
    ),
    "customer.data_removed": gettext_lazy(
        "The portal removed job changes, people and connections: nothing had happened for long"
    ),
    "job_changes.erased": gettext_lazy("The data of a person were erased on request"),
    "ledger.values_removed": gettext_lazy(
        "The portal removed previous values of records whose time to be kept is over"
    ),
    "connection.disconnected": gettext_lazy("%(who)s disconnected %(org)s"),
    "connection.access_returned": gettext_lazy("The access to %(org)s was handed back"),
    "step.confirmed": gettext_lazy("%(who)s confirmed “%(step)s”, not checked"),
    "step.confirmation_withdrawn": gettext_lazy("%(who)s took back “%(step)s”"),
    "step.waived": gettext_lazy("%(who)s waived “%(step)s”"),
    "step.waiver_withdrawn": gettext_lazy("%(who)s no longer waives “%(step)s”"),
    "mirror.compared": gettext_lazy("The portal compared production with the tested sandbox"),
    "mirror.difference_accepted": gettext_lazy(
        "%(who)s accepted a difference between production and the tested sandbox"
    ),
    "mirror.difference_waived": gettext_lazy(
        "%(who)s waived a difference between production and the tested sandbox"
    ),
    "mirror.difference_reopened": gettext_lazy(
        "%(who)s opened a difference between production and the tested sandbox again"
    ),
    "point.accepted": gettext_lazy("%(who)s accepted a warning in %(org)s: “%(check)s”"),
    "point.waived": gettext_lazy("%(who)s waived a point of a check in %(org)s: “%(check)s”"),
    "point.acceptance_withdrawn": gettext_lazy(
        "%(who)s no longer accepts a warning in %(org)s: “%(check)s”"
    ),
    "point.waiver_withdrawn": gettext_lazy(
        "%(who)s no longer waives a point of a check in %(org)s: “%(check)s”"
    ),
    "settings.saved": gettext_lazy("%(who)s chose where job changes go in %(org)s"),
    "people_source.chosen": gettext_lazy("%(who)s said where the list of people comes from"),
    "tracking_report.chosen": gettext_lazy("%(who)s chose a tracking report"),
    "tracking_report.mapped": gettext_lazy("%(who)s said which columns of a tracking report count"),
    "tracking_report.removed": gettext_lazy("%(who)s removed a tracking report"),
    "job_changes.imported": gettext_lazy("%(who)s imported job changes"),
    "test_run.created": gettext_lazy("%(who)s put test %(number)s together for %(org)s"),
    "picks.saved": gettext_lazy("%(who)s saved a draft of picks for %(org)s"),
    "picks.removed": gettext_lazy("%(who)s removed a draft of picks for %(org)s"),
    "test_run.picks_changed": gettext_lazy("%(who)s changed what test %(number)s holds"),
    "test_run.offered": gettext_lazy("%(who)s offered test %(number)s to be allowed"),
    "test_run.offer_withdrawn": gettext_lazy("%(who)s took the offer of test %(number)s back"),
    "test_run.allowed": gettext_lazy("%(who)s allowed test %(number)s for %(org)s"),
    "test_run.allowance_withdrawn": gettext_lazy(
        "%(who)s took the allowance of test %(number)s back"
    ),
    "test_run.allowance_ended": gettext_lazy(
        "The allowance of test %(number)s ended before anything was sent by it"
    ),
    "test_run.sent": gettext_lazy("%(who)s sent test %(number)s to %(org)s"),
    "test_run.closed": gettext_lazy("%(who)s closed test %(number)s"),
    "test_run.side_approved": gettext_lazy("%(who)s approved test %(number)s"),
    "test_run.approved": gettext_lazy("Test %(number)s is approved by both sides"),
    "test_run.approval_withdrawn": gettext_lazy(
        "An approval of test %(number)s ended, because the test changed"
    ),
    "test_run.ready_for_review": gettext_lazy("Test %(number)s is ready for review"),
    "test_run.voided": gettext_lazy("Test %(number)s is void: the sandbox was refreshed"),
    "test_run.clean_up_asked": gettext_lazy(
        "%(who)s had the records of test %(number)s looked at, to remove them from %(org)s"
    ),
    "test_run.clean_up_confirmed": gettext_lazy(
        "%(who)s let the records of test %(number)s be removed from %(org)s"
    ),
    "test_run.clean_up_continued": gettext_lazy(
        "%(who)s let the clean-up of test %(number)s go on"
    ),
    "test_run.clean_up_listed": gettext_lazy(
        "Records of test %(number)s are left in %(org)s, to be deleted by hand"
    ),
    "test_run.clean_up_failed": gettext_lazy(
        "The clean-up of test %(number)s could not be finished"
    ),
    "test_run.cleaned_up": gettext_lazy("The records of test %(number)s were removed from %(org)s"),
    "test_run.clean_up_withdrawn": gettext_lazy("%(who)s ended the clean-up of test %(number)s"),
    "deliveries.answered": ngettext_lazy(
        "Salesforce answered for %(count)s job change in %(org)s",
        "Salesforce answered for %(count)s job changes in %(org)s",
        "count",
    ),
    "batch.released": gettext_lazy("%(who)s released %(batch)s to %(org)s"),
    "batch.first_part_done": gettext_lazy(
        "The first part of %(batch)s has an answer for every job change"
    ),
    "batch.paused": gettext_lazy("%(who)s paused %(batch)s"),
    "batch.stopped": gettext_lazy("%(who)s stopped sending %(batch)s"),
    "batch.voided": gettext_lazy("%(Batch)s is void: another org is production now"),
    "batch.resumed": gettext_lazy("%(who)s let %(batch)s go on"),
    "batch.ended": gettext_lazy("%(Batch)s is through: every job change has its answer"),
    "sign_off.frozen": gettext_lazy("%(who)s prepared the go-live summary"),
    "sign_off.forecast_made": gettext_lazy("The forecast of the batch was made"),
    "sign_off.signed": gettext_lazy("%(who)s signed go-live"),
    "sign_off.voided": gettext_lazy("The go-live summary is void: what it says has changed"),
    "sign_off.withdrawn": gettext_lazy("%(who)s took the go-live summary back"),
    "launch.released": gettext_lazy(
        "The batch was released under the summary that both sides signed"
    ),
    "launch.continued": gettext_lazy(
        "%(who)s let the batch go on under the summary that was signed anew"
    ),
    "schedule.set": gettext_lazy("%(who)s chose when new job changes are sent"),
    "schedule.stopped": gettext_lazy("%(who)s stopped the regular batches"),
    "schedule.resumed": gettext_lazy("%(who)s let the regular batches go on"),
    "notifications.switched": gettext_lazy("%(who)s switched UserGems’ notifications on"),
    "schedule.held": gettext_lazy("The regular batches wait: people have to act first"),
    "evidence.made": gettext_lazy("%(who)s had an evidence pack made"),
    "delivery.sent_again": gettext_lazy("%(who)s sent %(person)s again"),
    "delivery.planned_again": gettext_lazy("%(who)s has %(person)s planned again, to be allowed"),
    "delivery.reviewed": gettext_lazy("%(who)s reviewed %(person)s: %(verdict)s"),
    "delivery.commented": gettext_lazy("%(who)s commented on %(person)s"),
}

# What staff do among themselves: no customer's list of what happened has it.
STAFF_ONLY = frozenset(
    {"note.added", "note.changed", "note.removed", "picks.saved", "picks.removed"}
)

VERDICTS: Mapping[str, str | Promise] = {
    "right": gettext_lazy("looks right"),
    "off": gettext_lazy("something is off"),
    "set_aside": gettext_lazy("set aside"),
}


ROLES: Mapping[str, str | Promise] = {
    "admin": gettext_lazy("an admin"),
    "approver": gettext_lazy("an approver"),
    "reviewer": gettext_lazy("a reviewer"),
}

# Our tokens are gone; the org lists the approval until an administrator revokes it there.
NOT_RETURNED = gettext_lazy(
    "Salesforce did not confirm that the access to %(org)s was handed back; it is listed in the "
    "org’s Setup under Connected Apps OAuth Usage"
)

NOTIFICATIONS_OFF = gettext_lazy("%(who)s switched UserGems’ notifications off")


def event_sentence(
    event: Event,
    steps: Mapping[str, str],
    people: Mapping[str, str] | None = None,
    colleagues: Mapping[object, str] | None = None,
) -> str:
    """The event as a sentence.

    `steps`: the titles of the customer's steps, by key. `people`: names by job change;
    `colleagues`: names by membership. The log holds none, so that a person's data can be erased
    without touching it.
    """
    data: Mapping[str, Any] = event.data
    sentence = SENTENCES.get(event.action)
    if event.action == "connection.access_returned" and data.get("revoked") is False:
        sentence = NOT_RETURNED
    if event.action == "notifications.switched" and not data.get("on"):
        sentence = NOTIFICATIONS_OFF
    if event.action == "job_changes.imported" and data.get("client"):
        sentence = _("The program %(client)s handed job changes in")
    if sentence is None:
        return _("%(who)s: %(action)s") % {"who": _who(event), "action": event.action}
    words = {
        "who": _who(event),
        "org": _org(event.environment),
        "number": data.get("number", ""),
        "batch": _batch(data.get("number", "")),
        "Batch": capfirst(_batch(data.get("number", ""))),
        "step": steps.get(data.get("step", ""), data.get("step", "")),
        "count": len(data.get("deliveries", [])),
        "verdict": VERDICTS.get(data.get("verdict", ""), ""),
        "person": (people or {}).get(job_change_key(event), _("a job change")),
        "why": _refusal(str(data.get("code", ""))),
        "check": _question(str(data.get("check", ""))),
        "client": data.get("client", ""),
        "colleague": (colleagues or {}).get(data.get("membership"), _("a colleague")),
        "role": ROLES.get(str(data.get("role", "")), data.get("role", "")),
    }
    # A sentence that counts chooses its form only when it is given the number.
    return str(sentence % words)


def job_change_key(event: Event) -> str:
    """The job change that an event is about; empty for most events."""
    key, _colon, _org_id = str(event.data.get("delivery", "")).rpartition(":")
    return key


def _who(event: Event) -> str:
    """The person; the portal itself where nobody acted."""
    if event.actor is not None:
        return str(event.actor)
    return _("UserGems") if event.side == "vendor" else _("The portal")


def _question(name: str) -> str:
    """What a check asks; its name where there is no such check any more."""
    check = check_find(name)
    return str(check.question) if check else name


def _batch(number: object) -> str:
    """What the pages call it: the first batch; a later one by its number."""
    return _("the first batch") if number == 1 else _("batch %(number)s") % {"number": number}


def _org(environment: str) -> str:
    if environment == Environment.SANDBOX:
        return _("the sandbox")
    if environment == Environment.PRODUCTION:
        return _("production")
    return _("the org")


def _refusal(code: str) -> str:
    """Why a sign-up was refused, in the words of the page that said so."""
    if code == "declined":
        # The page's title is "Nothing was connected"; a reader of the log wants the reason.
        return _("the person said that it was another org or user")
    problem = PROBLEMS.get(code)
    return str(problem.title) if problem else code.replace("_", " ")
