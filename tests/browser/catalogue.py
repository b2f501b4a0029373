"""Which pages are looked at: a state is a world, and the pages that show it, one line each.

A new page needs its row in the access table (tests/access), which is looked at here by itself; a
new state of a page needs a world in states.py and its lines below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.browser import states

# Addresses that answer GET without a page of their own: parts of a page, and files.
NO_PAGE = {
    "activity_csv",
    "admin:accounts_customer_activity_all_csv",
    "admin:accounts_customer_activity_csv",
    "step_list",
    "mirror_list",
    "tracking_reports_state",
    "org_checks_list",
    "go_live_progress",
    "go_live_record",
    "go_live_records_csv",
    "overwrites_csv",
    "evidence_list",
    "evidence_pdf",
    "evidence_json",
    "evidence_script",
    "security_pdf",
    "test_run_clean_up_csv",
    "worksheet_csv",
    "worksheet_package_xml",
    "intake_job_changes",
    "intake_openapi",
    "mfa_download_recovery_codes",
    "admin:accounts_customer_checks_list",
    "admin:accounts_customer_go_live_progress",
    "admin:accounts_customer_go_live_record",
    "admin:accounts_customer_go_live_records_csv",
    "admin:accounts_customer_overwrites_csv",
    "admin:accounts_customer_evidence_list",
    "admin:accounts_customer_evidence_pdf",
    "admin:accounts_customer_evidence_json",
    "admin:accounts_customer_evidence_script",
    "admin:autocomplete",
    "admin:jobchanges_importrun_report",
    "admin:jobchanges_testrun_clean_up_csv",
    "admin:jsi18n",
    "admin:login",
    "admin:view_on_site",
}


@dataclass(frozen=True)
class Shown:
    """One address as one person sees it; `data` is typed into its form first."""

    label: str
    person: str = "admin_person"
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    path: str = ""
    data: Mapping[str, str] | None = None

    def __str__(self) -> str:
        """How a failing test names the page."""
        where = [self.path or self.label, *self.args.values(), self.query]
        typed = ["with a form"] if self.data is not None else []
        return " ".join([*filter(None, where), "as", self.person, *typed])


@dataclass(frozen=True)
class State:
    """A world and the pages that show it."""

    make: Callable[[states.Scene], states.Names]
    pages: tuple[Shown, ...]

    def __str__(self) -> str:
        """How a test is called."""
        return self.make.__name__.replace("_", " ")


def state(make: Callable[[states.Scene], states.Names], *pages: Shown) -> State:
    return State(make, pages)


def mine(label: str, *, person: str = "admin_person", query: str = "", **args: str) -> Shown:
    """A page of the customer's people."""
    return Shown(label, person, args, query)


def desk(word: str, *, person: str = "manager", query: str = "", **args: str) -> Shown:
    """A page of the desk about the customer: `desk("mirror")`."""
    return Shown(f"admin:accounts_customer_{word}", person, {"pk": "customer", **args}, query)


CUSTOMER = Shown("admin:accounts_customer_change", "manager", {"object_id": "customer"})
HOME = Shown("admin:index", "manager")
RUN = {"object_id": "run"}
SANDBOX = {"environment": "sandbox"}
BATCH_PAGES = (mine("setup"), mine("go_live"), desk("go_live"), CUSTOMER)
SENDING_PAGES = (mine("setup"), mine("sending"), desk("sending"), CUSTOMER)

STATES = [
    state(
        states.nobody_connected,
        *map(mine, ("setup", "settings", "test_run_list", "org_list", "activity", "go_live")),
        *map(mine, ("sending", "worksheet", "mirror", "tracking_reports")),
        Shown("settings", data={}),
        Shown("/no/such/page/", path="/no/such/page/"),
        Shown("/no/such/page/", "anonymous", path="/no/such/page/"),
        Shown("admin:index", "staff_without_rights"),
        Shown("admin:accounts_customer_changelist", "staff_without_rights"),
        Shown("admin:accounts_customer_changelist", "manager", query="q=nobody-is-called-so"),
        Shown("admin:accounts_customer_add", "manager", data={}),
        Shown("admin:jobchanges_importrun_add", "manager", data={}),
        Shown("admin:accounts_customer_change", "other_manager", {"object_id": "customer"}),
        Shown("setup", "reviewer"),
        Shown("people_source", "reviewer", data={}),
        HOME,
        CUSTOMER,
        desk("go_live"),
        desk("mirror"),
        desk("sending"),
        desk("candidates", **SANDBOX),
        desk("settings", **SANDBOX),
        desk("checks", **SANDBOX),
        desk("overwrites"),
    ),
    state(
        states.not_at_home,
        Shown("setup", "nobody"),
        Shown("connect_callback", "nobody", SANDBOX, "error=access_denied"),
    ),
    state(
        states.link_open,
        *(
            Shown("signup", "anonymous", path=f"/signup/{token}/")
            for token in ("open", "expired", "revoked", "used", "older", "there-is-none")
        ),
        Shown("signup", "anonymous", path="/signup/open/", data={"email": "nobody"}),
        Shown("signup", path="/signup/proven/"),
        Shown("signup", "reviewer", path="/signup/proven/"),
        Shown("signup", "manager", path="/signup/open/"),
        CUSTOMER,
    ),
    state(
        states.code_asked,
        Shown("account_confirm_login_code", "anonymous"),
        Shown("account_confirm_login_code", "anonymous", data={"code": "WRONG-ONE"}),
        Shown("account_request_login_code", "new_here", data={"email": "nobody"}),
        Shown("account_login", "new_here", data={"login": "maya@usergems.example"}),
        Shown("mfa_authenticate", "half"),
        Shown("mfa_authenticate", "half", data={"code": "000000"}),
        Shown("mfa_activate_totp", "new"),
        Shown("mfa_activate_totp", "new", data={"code": "000000"}),
    ),
    state(
        states.long_ago,
        Shown("mfa_reauthenticate", "stale"),
        Shown("mfa_reauthenticate", "stale", data={"code": "000000"}),
    ),
    state(
        states.checks_asked,
        mine("setup"),
        mine("org_checks", **SANDBOX),
        desk("checks", **SANDBOX),
    ),
    state(
        states.checks_answered,
        mine("setup"),
        mine("setup", query="step=sandbox.permissions"),
        mine("setup", query="step=sandbox.layouts"),
        mine("setup", query="step=sandbox.lead_conversion"),
        mine("setup", person="reviewer"),
        mine("org_list"),
        mine("org_checks", **SANDBOX),
        mine("org_checks", query="point=check:record_sharing:Lead", **SANDBOX),
        mine("org_checks_send", **SANDBOX),
        desk("checks", **SANDBOX),
        desk("checks", query="point=check:record_sharing:Lead", **SANDBOX),
        CUSTOMER,
    ),
    state(states.connection_lost, mine("setup"), mine("org_list"), CUSTOMER, HOME),
    state(
        states.settings_to_choose,
        mine("settings"),
        mine("settings", person="reviewer"),
        Shown("settings", data={"environment": "sandbox"}),
        desk("settings", **SANDBOX),
    ),
    state(
        states.settings_saved,
        mine("settings"),
        mine("settings", query="environment=production"),
        desk("settings", environment="production"),
    ),
    state(states.candidates, desk("candidates", **SANDBOX), CUSTOMER, mine("setup"), HOME),
    state(
        states.nobody_connected,
        Shown("admin:accounts_customer_assign", "lead", query="pick=@customer"),
        Shown("admin:accounts_customer_assign", "lead", data={"pick": "@customer"}),
    ),
    state(
        states.run_drafted,
        Shown("admin:jobchanges_testrun_change", "manager", RUN),
        Shown("admin:jobchanges_testrun_picks", "manager", {"pk": "run"}),
        CUSTOMER,
        mine("test_run_list"),
        mine("setup"),
    ),
    state(
        states.run_on_its_way,
        mine("test_run", pk="run"),
        Shown("admin:jobchanges_testrun_change", "manager", RUN),
        mine("setup"),
    ),
    state(
        states.run_reviewed,
        *(mine("test_run", pk="run", query=f"open={n}") for n in ("1", "2", "4", "5")),
        mine("test_run", person="reviewer", pk="run"),
        mine("test_run_list"),
        Shown(
            "delivery_review",
            "admin_person",
            {"pk": "run", "delivery_pk": "delivery"},
            data={"verdict": "off"},
        ),
        Shown("admin:jobchanges_testrun_change", "manager", RUN),
        Shown("admin:jobchanges_testrun_change", "manager", RUN, "open=2"),
        mine("setup"),
        desk("overwrites"),
        CUSTOMER,
    ),
    state(
        states.run_agreed,
        mine("test_run", pk="run"),
        Shown("admin:jobchanges_testrun_change", "manager", RUN),
    ),
    state(
        states.run_approved,
        *map(mine, ("setup", "worksheet", "mirror", "activity", "org_list")),
        mine("test_run", pk="run"),
        Shown("admin:jobchanges_testrun_change", "manager", RUN),
        CUSTOMER,
    ),
    state(
        states.clean_up_found,
        mine("test_run_clean_up", pk="run"),
        Shown("admin:jobchanges_testrun_clean_up", "manager", {"pk": "run"}),
    ),
    state(states.clean_up_done, mine("test_run_clean_up", pk="run")),
    state(
        states.orgs_compared,
        mine("mirror"),
        mine("setup", query="step=production.mirror"),
        mine("worksheet"),
        desk("mirror"),
        CUSTOMER,
    ),
    state(
        states.reports_listed,
        mine("tracking_reports"),
        mine("tracking_reports", person="reviewer"),
        mine("setup", query="step=production.people"),
    ),
    state(
        states.production_offered,
        mine("test_run_allow", pk="run"),
        mine("test_run_allow", person="reviewer", pk="run"),
        Shown("admin:jobchanges_testrun_change", "manager", RUN),
        mine("setup"),
    ),
    state(
        states.production_allowed,
        mine("test_run", pk="run"),
        mine("setup"),
        mine("go_live"),
        desk("go_live"),
    ),
    state(states.summary_to_prepare, *BATCH_PAGES),
    state(states.summary_prepared, *BATCH_PAGES),
    state(states.summary_to_sign, *BATCH_PAGES, mine("go_live", person="reviewer")),
    state(states.signed_by_one, *BATCH_PAGES),
    state(states.signed_by_both, *BATCH_PAGES),
    state(
        states.batch_on_its_way,
        *BATCH_PAGES,
        mine("go_live_exceptions"),
        desk("go_live_exceptions"),
        mine("activity"),
        HOME,
    ),
    state(states.batch_paused, *BATCH_PAGES),
    state(states.batch_through, *BATCH_PAGES, mine("go_live_exceptions")),
    state(states.went_live, *SENDING_PAGES, HOME),
    state(states.sends_daily, *SENDING_PAGES, mine("sending", person="reviewer")),
    state(states.sending_stopped, *SENDING_PAGES),
    state(states.sending_held, *SENDING_PAGES, mine("go_live"), desk("go_live"), HOME),
]
