"""The catalogue's states of people and of the desk's own pages (states_people.py)."""

from tests.browser import states_people as states
from tests.browser.shown import CUSTOMER, HOME, SANDBOX, Shown, desk, mine, state

MORE_STATES = [
    state(states.evidence_on_its_way, mine("evidence"), desk("evidence"), mine("go_live")),
    state(
        states.evidence_made,
        mine("evidence"),
        mine("evidence", person="reviewer"),
        desk("evidence"),
        CUSTOMER,
    ),
    state(states.evidence_failed, mine("evidence"), desk("evidence")),
    state(
        states.seen_as_the_customer,
        *(
            mine(label, person="manager")
            for label in (
                *("setup", "settings", "test_run_list", "org_list", "colleagues", "activity"),
                *("go_live", "evidence", "security", "worksheet", "mirror", "my_settings"),
            )
        ),
        mine("test_run", person="manager", pk="run"),
        mine("org_checks", person="manager", **SANDBOX),
        Shown("settings", "manager", data={}),
        CUSTOMER,
    ),
    state(
        states.one_admin,
        mine("colleagues"),
        mine("colleagues", person="reviewer"),
        mine("colleague_invite"),
        Shown("colleague_invite", data={"full_name": "", "email": "nobody"}),
        mine("colleague_change", pk="own"),
        mine("colleague_change", pk="other"),
        mine("colleague_leave"),
        mine("colleague_leave", person="reviewer"),
        desk("people"),
    ),
    state(
        states.mails_to_choose,
        mine("my_settings"),
        Shown("my_settings", data={"full_name": "", "time_zone": "Mars/Olympus"}),
        Shown("my_settings", "manager", data={"full_name": "Maya", "booking_url": "no-address"}),
        Shown("mail_unsubscribe", "anonymous", {"token": "token"}),
        Shown("mail_unsubscribe", "anonymous", {"token": "token"}, data={}),
        Shown("mail_unsubscribe", "anonymous", {"token": "token"}, data={"again": "1"}),
        Shown("mail_unsubscribe", "anonymous", {"token": "broken"}),
        mine("security"),
        mine("security", person="reviewer"),
    ),
    state(
        states.on_hold,
        CUSTOMER,
        desk("hold"),
        Shown("admin:accounts_customer_hold", "manager", {"pk": "customer"}, data={"reason": ""}),
        HOME,
        mine("setup"),
    ),
    state(
        states.picks_saved,
        desk("candidates", **SANDBOX),
        desk("candidates", query="q=nobody-is-called-so", **SANDBOX),
    ),
    state(
        states.template_to_start_from,
        desk("settings", query="template=@template", **SANDBOX),
        Shown("admin:jobchanges_settingstemplate_changelist", "lead"),
        Shown("admin:jobchanges_settingstemplate_change", "lead", {"object_id": "template"}),
        Shown("admin:jobchanges_settingstemplate_add", "lead", data={}),
        Shown("admin:jobchanges_settingstemplate_change", "manager", {"object_id": "template"}),
    ),
    state(
        states.many_customers,
        HOME,
        Shown("admin:index", "lead"),
        Shown("admin:index", "manager", query="page=2"),
        Shown("admin:index", "manager", query="show=overdue"),
        Shown("admin:index", "manager", query="show=live"),
        Shown("admin:index", "manager", query="q=nobody-is-called-so"),
        Shown("admin:index", "lead", query="show=unassigned"),
        Shown("admin:index", "other_manager"),
        Shown("admin:accounts_customer_changelist", "lead"),
    ),
    state(
        states.notes_written,
        desk("notes"),
        desk("notes", person="lead"),
        Shown("admin:accounts_customer_notes", "manager", {"pk": "customer"}, data={"text": ""}),
        CUSTOMER,
        mine("activity"),
        mine("activity", query="q=nothing-is-called-so"),
        mine("activity", query="since=never&environment=sandbox"),
        desk("activity"),
        desk("activity", query="kind=people&q=nothing-is-called-so"),
        Shown("admin:accounts_customer_activity_all", "manager"),
        Shown("admin:accounts_customer_activity_all", "manager", query="q=nothing-is-called-so"),
    ),
    state(
        states.help_written,
        Shown("admin:portal_helptext_changelist", "lead"),
        Shown("admin:portal_helptext_change", "lead", {"object_id": "written"}),
        Shown("admin:portal_helptext_change", "manager", {"object_id": "delivered"}),
        Shown(
            "admin:portal_helptext_change",
            "lead",
            {"object_id": "delivered"},
            data={"body": "See [this](setup:nowhere) and [that](javascript:alert)."},
        ),
    ),
]
