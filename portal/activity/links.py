"""Where the thing stands that an event is about: other addresses for a customer and for the desk.

Only what the reader may open is linked, and only while it is there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Environment, Event
from jobchanges.models import TestRun
from portal.activity.things import Things
from portal.colleagues import anchor_of as colleague_anchor
from portal.mirror.views import anchor_of as difference_anchor
from portal.pages.check_rows import anchor_of as check_anchor


@dataclass(frozen=True)
class Link:
    """Where to go, and what it is called."""

    href: str
    label: str


def link_of(event: Event, things: Things) -> Link | None:
    """Where to go from an event; None where there is nothing (any more) to open."""
    subject = event.action.partition(".")[0]
    maker = MAKERS.get(event.action) or MAKERS.get(subject)
    return maker(event, things) if maker else None


def _desk(event: Event, page: str, *more: object, anchor: str = "") -> str:
    """A page of the desk below the event's customer."""
    address = reverse(f"admin:accounts_customer_{page}", args=[event.customer_id, *more])
    return f"{address}#{anchor}" if anchor else address


def _customer(event: Event, things: Things) -> Link | None:
    if things.desk:
        return Link(_desk(event, "change"), _("Open the customer"))
    return None


def _hold(event: Event, things: Things) -> Link | None:
    return _customer(event, things) or Link(reverse("setup"), _("Open the setup"))


def _viewed(event: Event, things: Things) -> Link | None:
    return _customer(event, things) or Link(reverse("security"), _("Open who can see it"))


def _evidence(event: Event, things: Things) -> Link | None:
    address = _desk(event, "evidence") if things.desk else reverse("evidence")
    return Link(address, _("Open the evidence"))


def _note(event: Event, things: Things) -> Link | None:
    return (
        Link(_desk(event, "change", anchor="notes"), _("Open the notes")) if things.desk else None
    )


def _picks(event: Event, things: Things) -> Link | None:
    if not things.desk or event.environment not in Environment.values:
        return None
    return Link(_desk(event, "candidates", event.environment), _("Open the candidates"))


def _signup_link(event: Event, things: Things) -> Link | None:
    if not things.desk:
        return _orgs(event)
    pk = event.data.get("link")
    if pk in things.links:
        return Link(reverse("admin:accounts_signuplink_change", args=[pk]), _("Open the link"))
    return Link(_desk(event, "change", anchor="links"), _("Open the links"))


def _orgs(event: Event) -> Link:
    return Link(f"{reverse('org_list')}#{event.environment}", _("Open Salesforce orgs"))


def _connection(event: Event, things: Things) -> Link | None:
    if not things.desk:
        return _orgs(event)
    pk = event.data.get("attempt")
    if event.action == "connection.refused" and pk in things.attempts:
        address = reverse("admin:integrations_connectattempt_change", args=[pk])
        return Link(address, _("Open the attempt"))
    pk = things.orgs.get((event.customer_id, event.environment))
    if pk is None:
        return _customer(event, things)
    address = reverse("admin:integrations_connection_change", args=[pk])
    return Link(address, _("Open the connection"))


def _colleague(event: Event, things: Things) -> Link | None:
    anchor = colleague_anchor(event.data.get("membership", ""))
    if things.desk:
        return Link(_desk(event, "people", anchor=anchor), _("Open the people"))
    return Link(f"{reverse('colleagues')}#{anchor}", _("Open the colleagues"))


def _checks(event: Event, things: Things) -> Link | None:
    if (event.customer_id, event.environment) not in things.orgs:
        return None
    check = str(event.data.get("check", ""))
    anchor = check_anchor(check) if check else ""
    if things.desk:
        return Link(_desk(event, "checks", event.environment, anchor=anchor), _("Open the checks"))
    address = reverse("org_checks", args=[event.environment])
    return Link(f"{address}#{anchor}" if anchor else address, _("Open the checks"))


def _step(event: Event, things: Things) -> Link | None:
    return _step_link(event, things, str(event.data.get("step", "")))


def _people_source(event: Event, things: Things) -> Link | None:
    return _step_link(event, things, "production.people")


def _step_link(event: Event, things: Things, key: str) -> Link:
    anchor = f"step-{key.replace('.', '-').replace('_', '-')}"
    if things.desk:
        return Link(_desk(event, "change", anchor=anchor), _("Open the step"))
    return Link(f"{reverse('setup')}?{urlencode({'step': key})}#{anchor}", _("Open the step"))


def _report(event: Event, things: Things) -> Link | None:
    return _step_link(event, things, "production.people") if things.desk else _reports()


def _reports() -> Link:
    return Link(reverse("tracking_reports"), _("Open the reports"))


def _mirror(event: Event, things: Things) -> Link | None:
    subject = str(event.data.get("subject_hash", ""))
    anchor = difference_anchor(subject) if subject else ""
    if things.desk:
        return Link(_desk(event, "mirror", anchor=anchor), _("Open the comparison"))
    address = reverse("mirror")
    return Link(f"{address}#{anchor}" if anchor else address, _("Open the comparison"))


def _settings(event: Event, things: Things) -> Link | None:
    if event.environment not in Environment.values:
        return _customer(event, things)
    if things.desk:
        return Link(_desk(event, "settings", event.environment), _("Open the settings"))
    query = urlencode({"environment": event.environment})
    return Link(f"{reverse('settings')}?{query}", _("Open the settings"))


def _imported(event: Event, things: Things) -> Link | None:
    pk = event.data.get("import")
    if pk not in things.imports:
        return None
    return Link(reverse("admin:jobchanges_importrun_change", args=[pk]), _("Open the import"))


def _job_changes(event: Event, things: Things) -> Link | None:
    if not things.desk:
        return None
    address = reverse("admin:jobchanges_jobchange_changelist")
    query = urlencode({"customer": event.customer.slug})
    return Link(f"{address}?{query}", _("Open the job changes"))


def _ledger(event: Event, things: Things) -> Link | None:
    return Link(_desk(event, "overwrites"), _("Open the records")) if things.desk else None


def _run(event: Event, things: Things) -> Link | None:
    run = things.runs.get(event.data.get("test_run", 0))
    return _run_link(run, things) if run else None


def _run_link(run: TestRun, things: Things, anchor: str = "") -> Link:
    name = "admin:jobchanges_testrun_change" if things.desk else "test_run"
    address = reverse(name, args=[run.pk])
    return Link(
        f"{address}#{anchor}" if anchor else address,
        _("Open test %(number)s") % {"number": run.number},
    )


def _clean_up(event: Event, things: Things) -> Link | None:
    run = things.runs.get(event.data.get("test_run", 0))
    if run is None or run.environment != Environment.SANDBOX:
        return _run(event, things)
    name = "admin:jobchanges_testrun_clean_up" if things.desk else "test_run_clean_up"
    return Link(reverse(name, args=[run.pk]), _("Open the clean-up"))


def _delivery(event: Event, things: Things) -> Link | None:
    found = things.deliveries.get(str(event.data.get("delivery", "")))
    run = things.runs.get(event.data.get("test_run", 0))
    if run is not None:
        same = found is not None and found.test_run_id == run.pk
        return _run_link(run, things, f"delivery-{found.pk}" if found and same else "")
    return _batch(event, things) if event.data.get("batch") else None


def _answered(event: Event, things: Things) -> Link | None:
    for pk in event.data.get("test_runs", ()):
        if pk in things.runs:
            return _run_link(things.runs[pk], things)
    return _go_live(event, things) if event.data.get("batches") else None


def _batch(event: Event, things: Things) -> Link | None:
    return (_go_live if event.data.get("number") == 1 else _sending)(event, things)


def _go_live(event: Event, things: Things) -> Link | None:
    address = _desk(event, "go_live") if things.desk else reverse("go_live")
    return Link(address, _("Open going live"))


def _sending(event: Event, things: Things) -> Link | None:
    address = _desk(event, "sending") if things.desk else reverse("sending")
    return Link(address, _("Open new job changes"))


# By action, else by what stands before its dot.
MAKERS: Mapping[str, Callable[[Event, Things], Link | None]] = {
    "customer": _customer,
    "customer.held": _hold,
    "customer.hold_lifted": _hold,
    "customer.viewed_as": _viewed,
    "customer.viewing_ended": _viewed,
    "note": _note,
    "picks": _picks,
    "signup_link": _signup_link,
    "membership": _colleague,
    "connection": _connection,
    "checks": _checks,
    "point": _checks,
    "step": _step,
    "mirror": _mirror,
    "settings": _settings,
    "people_source": _people_source,
    "tracking_report": _report,
    "job_changes": _job_changes,
    "job_changes.imported": _imported,
    "ledger": _ledger,
    "test_run": _run,
    "test_run.clean_up_asked": _clean_up,
    "test_run.clean_up_confirmed": _clean_up,
    "test_run.clean_up_continued": _clean_up,
    "test_run.clean_up_listed": _clean_up,
    "test_run.clean_up_failed": _clean_up,
    "test_run.clean_up_withdrawn": _clean_up,
    "test_run.cleaned_up": _clean_up,
    "delivery": _delivery,
    "deliveries": _answered,
    "batch": _batch,
    "sign_off": _go_live,
    "launch": _go_live,
    "schedule": _sending,
    "notifications": _sending,
    "evidence": _evidence,
}
