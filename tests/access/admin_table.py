"""The admin's addresses: who gets what.

Customers' people never get in: they are sent to the admin's sign-in, which answers 403. Staff
without a right get 403; other managers' customers do not exist (404).
"""

from tests.access.rows import GET, HEADER, POST, Row

# fmt: off
assert HEADER == "anon  admin revwr apprv  stran  mangr lead  opera  other norig"
OUT = "door  door  door  door   door   "
CUSTOMER_PAGE = "admin:accounts_customer_change"
RUN_PAGE = "admin:jobchanges_testrun_change"

# --- Django's own pages of the site -------------------------------------------------------------
SITE = [
    Row("admin:index", GET, OUT + "200   200   200    200   200"),
    Row("admin:login", GET, "go    403   403   403    403    desk  desk  desk   desk  desk",
        to="account_login"),
    Row("admin:login", POST, "go    403   403   403    403    200   200   200    200   200",
        to="account_login"),
    Row("admin:logout", POST, "desk  desk  desk  desk   desk   200   200   200    200   200"),
    Row("admin:password_change", GET, OUT + "200   200   200    200   200"),
    Row("admin:password_change", POST, OUT + "200   200   200    200   200"),
    Row("admin:password_change_done", GET, OUT + "200   200   200    200   200"),
    Row("admin:autocomplete", GET, OUT + "200   200   200    200   403",
        query="app_label=integrations&model_name=connection&field_name=customer&term="),
    Row("admin:jsi18n", GET, OUT + "200   200   200    200   200"),
    Row("admin:view_on_site", GET, OUT + "404   404   404    404   404",
        {"content_type_id": "customer_type", "object_id": "customer"}),
    Row("admin:app_list", GET, OUT + "200   200   200    200   404", {"app_label": "accounts"}),
    Row("/admin/(?P<url>.*)$", GET, OUT + "404   404   404    404   404",
        path="/admin/there-is-no-such-page/"),
]

# --- six addresses a model, by what it is for ---------------------------------------------------
LISTS, ADDS, HISTORY, DELETES, CHANGES, SHORT = (
    "changelist", "add", "history", "delete", "change", "",
)
# The short address of an object leads to its page, whether or not there is such an object.
SHORT_CELLS = OUT + "go    go    go     go    go"

# Managers read what belongs to their customers; nobody adds, edits or deletes, operators neither.
LOOK = [
    (LISTS, GET, OUT + "200   200   200    200   403"),
    (ADDS, GET, OUT + "403   403   403    403   403"),
    (ADDS, POST, OUT + "403   403   403    403   403"),
    (HISTORY, GET, OUT + "200   200   200    404   404"),
    (DELETES, GET, OUT + "403   403   403    403   403"),
    (DELETES, POST, OUT + "403   403   403    403   403"),
    (CHANGES, GET, OUT + "200   200   200    404   403"),
    (CHANGES, POST, OUT + "403   403   403    403   403"),
    (SHORT, GET, SHORT_CELLS),
]
# Pages of our own in place of Django's form: they fetch the object before they ask for the right.
OWN_PAGE = [
    *(row for row in LOOK if row[0] != CHANGES),
    (CHANGES, GET, OUT + "200   200   200    404   404"),
    (CHANGES, POST, OUT + "200   200   200    404   404"),
]
# Import runs are added: by uploading a file (422: none was).
UPLOADED = [
    *(row for row in OWN_PAGE if row[0] != ADDS),
    (ADDS, GET, OUT + "200   200   200    200   403"),
    (ADDS, POST, OUT + "422   422   422    422   403"),
]
CUSTOMERS = [
    *(row for row in LOOK if row[0] not in {ADDS, CHANGES}),
    (ADDS, GET, OUT + "200   200   200    200   403"),
    (ADDS, POST, OUT + "422   422   422    422   403"),
    (CHANGES, GET, OUT + "200   200   200    404   403"),
    (CHANGES, POST, OUT + "422   422   422    404   403"),
]
# Accounts are the operators'; they are switched off, never deleted.
ACCOUNTS = [
    (LISTS, GET, OUT + "403   403   200    403   403"),
    (ADDS, GET, OUT + "403   403   200    403   403"),
    (ADDS, POST, OUT + "403   403   200    403   403"),
    (HISTORY, GET, OUT + "403   403   200    403   403"),
    (DELETES, GET, OUT + "403   403   403    403   403"),
    (DELETES, POST, OUT + "403   403   403    403   403"),
    (CHANGES, GET, OUT + "403   403   200    403   403"),
    (CHANGES, POST, OUT + "403   403   200    403   403"),
    (SHORT, GET, SHORT_CELLS),
]

# Help texts belong to no customer: leads write them, managers read them.
HELP = [
    *(row for row in LOOK if row[0] not in {HISTORY, CHANGES}),
    (HISTORY, GET, OUT + "200   200   200    200   403"),
    (CHANGES, GET, OUT + "200   200   200    200   403"),
    (CHANGES, POST, OUT + "403   422   422    403   403"),
]

# Settings templates likewise, and leads add them; only operators delete one.
TEMPLATES = [
    (LISTS, GET, OUT + "200   200   200    200   403"),
    (ADDS, GET, OUT + "403   200   200    403   403"),
    (ADDS, POST, OUT + "403   422   422    403   403"),
    (HISTORY, GET, OUT + "200   200   200    200   403"),
    (DELETES, GET, OUT + "403   403   200    403   403"),
    (DELETES, POST, OUT + "403   403   200    403   403"),
    (CHANGES, GET, OUT + "200   200   200    200   403"),
    (CHANGES, POST, OUT + "403   422   422    403   403"),
    (SHORT, GET, SHORT_CELLS),
]

MODELS = {
    "accounts_customer": ("customer", CUSTOMERS),
    "accounts_event": ("event", LOOK),
    "accounts_signuplink": ("link", LOOK),
    "accounts_user": ("person", ACCOUNTS),
    "integrations_connection": ("connection", LOOK),
    "integrations_orgepoch": ("epoch", LOOK),
    "integrations_connectattempt": ("attempt", LOOK),
    "jobchanges_importrun": ("import_run", UPLOADED),
    "jobchanges_jobchange": ("job_change", LOOK),
    "jobchanges_delivery": ("delivery", LOOK),
    "jobchanges_testrun": ("run", OWN_PAGE),
    "jobchanges_allowance": ("allowance", LOOK),
    "jobchanges_batch": ("batch", LOOK),
    "portal_signature": ("signature", LOOK),
    "portal_summary": ("summary", LOOK),
    "portal_confirmation": ("confirmation", LOOK),
    "portal_waiver": ("waiver", LOOK),
    "portal_outgoingmail": ("outgoing_mail", LOOK),
    "portal_helptext": ("help_text", HELP),
    "jobchanges_settingstemplate": ("settings_template", TEMPLATES),
}


def _model_rows(model: str, thing: str, actions: list[tuple[str, str, str]]) -> list[Row]:
    rows = []
    for action, method, cells in actions:
        args = {} if action in {LISTS, ADDS} else {"object_id": thing}
        label = f"admin:{model}_{action}"
        if action == SHORT:
            label = f"/admin/{model.replace('_', '/')}/<path:object_id>/"
        rows.append(Row(label, method, cells, args, to=f"admin:{model}_change"))
    return rows


# --- the managers' levers -----------------------------------------------------------------------
CUSTOMER = {"pk": "customer"}
SANDBOX = {"pk": "customer", "environment": "sandbox"}
LEVERS = [
    Row("admin:accounts_customer_link_send", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row("admin:accounts_customer_link_send", POST, OUT + "422   422   422    404   404", CUSTOMER),
    Row("admin:accounts_customer_waive", POST, OUT + "go    go    go     404   404",
        CUSTOMER | {"key": "waivable"}, {"reason": "No leads."}, to=CUSTOMER_PAGE),
    Row("admin:accounts_customer_reopen", POST, OUT + "go    go    go     404   404",
        CUSTOMER | {"key": "waivable"}, to=CUSTOMER_PAGE),
    Row("admin:accounts_customer_candidates", GET, OUT + "200   200   200    404   404", SANDBOX),
    Row("admin:accounts_customer_candidates", POST, OUT + "go    go    go     404   404",
        SANDBOX, {"go": "test"}, to="admin:accounts_customer_candidates"),
    Row("admin:accounts_customer_settings", GET, OUT + "200   200   200    404   404", SANDBOX),
    Row("admin:accounts_customer_settings", POST, OUT + "422   422   422    404   404", SANDBOX),
    Row("admin:accounts_signuplink_resend", POST, OUT + "go    go    go     404   404",
        {"pk": "link"}, to=CUSTOMER_PAGE),
    Row("admin:accounts_signuplink_revoke", POST, OUT + "go    go    go     404   404",
        {"pk": "link"}, to=CUSTOMER_PAGE),
    Row("admin:accounts_signuplink_changelist", POST, OUT + "go    go    go     go    403",
        data={"action": "revoke_links", "_selected_action": "@link"},
        to="admin:accounts_signuplink_changelist", why="others find no such row to act on"),
    Row("admin:jobchanges_importrun_report", GET, OUT + "200   200   200    404   404",
        {"pk": "import_run"}),
    Row("admin:jobchanges_importrun_add", POST, OUT + "422   422   422    422   403",
        data={"customer": "@customer"}, why="no file; to others no such customer is on offer"),
    Row("admin:jobchanges_testrun_change", GET, OUT + "200   200   200    404   404",
        {"object_id": "draft"}, why="the preview"),
    Row("admin:jobchanges_testrun_picks", GET, OUT + "200   200   200    404   404",
        {"pk": "draft"}),
    Row("admin:jobchanges_testrun_picks", POST, OUT + "go    go    go     404   404",
        {"pk": "draft"}, {"go": "test"}, to="admin:jobchanges_testrun_picks"),
    Row("admin:jobchanges_testrun_plan", POST, OUT + "go    go    go     404   404",
        {"pk": "draft"}, to=RUN_PAGE),
    Row("admin:jobchanges_testrun_send", POST, OUT + "go    go    go     404   404",
        {"pk": "draft"}, to=RUN_PAGE, why="refused in words: the org asks for signing in again"),
    Row("admin:jobchanges_testrun_offer", POST, OUT + "go    go    go     404   404",
        {"pk": "draft"}, to=RUN_PAGE, why="refused in words: the org asks for signing in again"),
    Row("admin:jobchanges_testrun_offer_withdraw", POST, OUT + "422   422   422    404   404",
        {"pk": "offered"}, why="no reason given"),
    Row("admin:jobchanges_testrun_offer_withdraw", POST, OUT + "go    go    go     404   404",
        {"pk": "offered"}, {"reason": "Other owners."}, to=RUN_PAGE),
    Row("admin:jobchanges_testrun_close", POST, OUT + "422   422   422    404   404",
        {"pk": "draft"}, why="no reason given"),
    Row("admin:jobchanges_testrun_close", POST, OUT + "go    go    go     404   404",
        {"pk": "draft"}, {"reason": "Started anew."}, to=RUN_PAGE),
    Row("admin:jobchanges_testrun_clean_up", GET, OUT + "200   200   200    404   404",
        {"pk": "run"}),
    Row("admin:jobchanges_testrun_clean_up", GET, OUT + "404   404   404    404   404",
        {"pk": "draft"}, why="in production nothing is deleted"),
    Row("admin:jobchanges_testrun_clean_up", POST, OUT + "go    go    go     404   404",
        {"pk": "run"}, {"do": "end"}, to="admin:jobchanges_testrun_clean_up"),
    Row("admin:jobchanges_testrun_clean_up_csv", GET, OUT + "200   200   200    404   404",
        {"pk": "run"}),
    Row("admin:auth_user_password_change", GET, OUT + "403   403   200    403   403",
        {"id": "person"}),
    Row("admin:accounts_user_reset_second_factor", POST,
        OUT + "403   403   go     403   403", {"pk": "person"}, to="admin:accounts_user_change",
        why="refused in words: this person has none"),
    Row("admin:auth_user_password_change", POST, OUT + "403   403   200    403   403",
        {"id": "person"}),
    Row("admin:portal_helptext_restore", POST, OUT + "403   go    go     403   403",
        {"pk": "help_text"}, to="admin:portal_helptext_change"),
    # The filter by customer offers and finds only the reader's own.
    Row("admin:accounts_event_changelist", GET, OUT + "200   200   200    200   403",
        query="customer=northwind"),
    Row("admin:jobchanges_delivery_changelist", GET, OUT + "200   200   200    200   403",
        query="customer=northwind"),
]

# Production against the tested sandbox; nothing was compared yet.
MIRROR_PAGE = "admin:accounts_customer_mirror"
MIRROR = [
    Row(MIRROR_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{MIRROR_PAGE}_compare", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=MIRROR_PAGE),
    Row(f"{MIRROR_PAGE}_waive", POST, OUT + "422   422   422    404   404", CUSTOMER,
        {"lever": "waive", "reason": "Known."}, why="refused in words: nothing was compared"),
    Row(f"{MIRROR_PAGE}_reopen", POST, OUT + "go    go    go     404   404", CUSTOMER,
        {"point": "difference:a:b"}, to=MIRROR_PAGE, why="refused in words"),
]

# Giving customers to a manager is for who sees everybody's.
ASSIGNING = [
    Row("admin:accounts_customer_assign", GET, OUT + "403   desk  desk   403   403",
        why="nobody picked"),
    Row("admin:accounts_customer_assign", POST, OUT + "403   422   422    403   403",
        {}, {"pick": "@customer"}, why="no manager chosen"),
]

# Looking as the customer does, holding, internal notes, the worksheet.
DESK_LEVERS = [
    Row("admin:accounts_customer_see_as", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to="setup"),
    Row("admin:accounts_customer_see_as_end", POST, OUT + "go    go    go     desk  desk", CUSTOMER,
        to=CUSTOMER_PAGE, why="whoever lost the customer meanwhile gets out, too"),
    Row("admin:accounts_customer_hold", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row("admin:accounts_customer_hold", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="no reason given"),
    Row("admin:accounts_customer_hold", POST, OUT + "go    go    go     404   404", CUSTOMER,
        {"reason": "Change board."}, to=CUSTOMER_PAGE),
    Row("admin:accounts_customer_notes", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row("admin:accounts_customer_notes", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="nothing is written"),
    Row("admin:accounts_customer_notes", POST, OUT + "404   404   404    404   404", CUSTOMER,
        {"note": "@their_note", "text": "x"}, why="another customer's"),
    Row("admin:accounts_customer_notes", POST, OUT + "go    go    go     404   404", CUSTOMER,
        {"text": "Call on Mondays."}, to=CUSTOMER_PAGE),
    Row("admin:accounts_customer_worksheet", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row("admin:accounts_customer_worksheet_file", GET, OUT + "404   404   404    404   404",
        CUSTOMER | {"kind": "json_format"}, why="nothing to download yet"),
]

# The proof that nothing was overwritten.
OVERWRITES_PAGE = "admin:accounts_customer_overwrites"
OVERWRITES = [
    Row(OVERWRITES_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{OVERWRITES_PAGE}_csv", GET, OUT + "200   200   200    404   404", CUSTOMER),
]

# Evidence packs: the same ones that the customer sees.
EVIDENCE_PAGE = "admin:accounts_customer_evidence"
PACK = {**CUSTOMER, "pack": "evidence_pack"}
EVIDENCE = [
    Row(EVIDENCE_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{EVIDENCE_PAGE}_list", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{EVIDENCE_PAGE}_make", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=EVIDENCE_PAGE),
    Row(f"{EVIDENCE_PAGE}_pdf", GET, OUT + "200   200   200    404   404", PACK),
    Row(f"{EVIDENCE_PAGE}_json", GET, OUT + "200   200   200    404   404", PACK),
    Row(f"{EVIDENCE_PAGE}_script", GET, OUT + "200   200   200    404   404", CUSTOMER),
]

# What the sandbox says about itself, with a warning open.
CHECKS_PAGE = "admin:accounts_customer_checks"
WARNING = {"point": "check:record_sharing:Lead"}
CHECKS = [
    Row(CHECKS_PAGE, GET, OUT + "200   200   200    404   404", SANDBOX),
    Row(f"{CHECKS_PAGE}_list", GET, OUT + "200   200   200    404   404", SANDBOX),
    Row(f"{CHECKS_PAGE}_run", POST, OUT + "go    go    go     404   404", SANDBOX, to=CHECKS_PAGE),
    Row(f"{CHECKS_PAGE}_set_aside", POST, OUT + "422   422   422    404   404", SANDBOX, WARNING,
        why="no reason is given"),
    Row(f"{CHECKS_PAGE}_set_aside", POST, OUT + "go    go    go     404   404", SANDBOX,
        WARNING | {"reason": "All of theirs are."}, to=CHECKS_PAGE),
]

# Going live, with Northwind's first batch on its way.
GO_LIVE_PAGE = "admin:accounts_customer_go_live"
GO_LIVE = [
    Row(GO_LIVE_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{GO_LIVE_PAGE}_freeze", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=GO_LIVE_PAGE, why="refused in words"),
    Row(f"{GO_LIVE_PAGE}_forecast", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=GO_LIVE_PAGE),
    Row(f"{GO_LIVE_PAGE}_withdraw", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=GO_LIVE_PAGE, why="refused in words: it was released"),
    Row(f"{GO_LIVE_PAGE}_sign", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="nothing filled in"),
    Row(f"{GO_LIVE_PAGE}_release", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="no limit given"),
    Row(f"{GO_LIVE_PAGE}_progress", GET, OUT + "go    go    go     404   404", CUSTOMER,
        to=GO_LIVE_PAGE, why="without a script the page itself"),
    Row(f"{GO_LIVE_PAGE}_pause", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=GO_LIVE_PAGE),
    Row(f"{GO_LIVE_PAGE}_stop", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="no reason given"),
    Row(f"{GO_LIVE_PAGE}_go_on", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=GO_LIVE_PAGE),
    Row(f"{GO_LIVE_PAGE}_send_again", POST, OUT + "go    go    go     404   404", CUSTOMER,
        {"delivery": "@refused"}, to=f"{GO_LIVE_PAGE}_exceptions"),
    Row(f"{GO_LIVE_PAGE}_send_again", POST, OUT + "404   404   404    404   404", CUSTOMER,
        {"delivery": "@their_delivery"}, why="another customer's"),
    Row(f"{GO_LIVE_PAGE}_exceptions", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{GO_LIVE_PAGE}_record", GET, OUT + "200   200   200    404   404",
        CUSTOMER | {"kind": "json_format"}),
    Row(f"{GO_LIVE_PAGE}_records_csv", GET, OUT + "200   200   200    404   404", CUSTOMER),
]

# After go-live; nobody is live yet.
SENDING_PAGE = "admin:accounts_customer_sending"
SENDING = [
    Row(SENDING_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{SENDING_PAGE}_set", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="nothing is chosen"),
    Row(f"{SENDING_PAGE}_stop", POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="no reason given"),
    Row(f"{SENDING_PAGE}_go_on", POST, OUT + "go    go    go     404   404", CUSTOMER,
        to=SENDING_PAGE),
    Row(f"{SENDING_PAGE}_notifications", POST, OUT + "go    go    go     404   404", CUSTOMER,
        data={"on": "yes"}, to=SENDING_PAGE, why="refused in words: nobody is live"),
]

# Who has access; the company has people who may sign, so staff name nobody.
PEOPLE_PAGE = "admin:accounts_customer_people"
PEOPLE = [
    Row(PEOPLE_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(PEOPLE_PAGE, POST, OUT + "422   422   422    404   404", CUSTOMER,
        why="nobody is named"),
]

# What happened, at one customer and at all of the reader's.
ACTIVITY_PAGE = "admin:accounts_customer_activity"
ACTIVITY = [
    Row(ACTIVITY_PAGE, GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{ACTIVITY_PAGE}_csv", GET, OUT + "200   200   200    404   404", CUSTOMER),
    Row(f"{ACTIVITY_PAGE}_all", GET, OUT + "200   200   200    200   403"),
    Row(f"{ACTIVITY_PAGE}_all_csv", GET, OUT + "200   200   200    200   403"),
]

ADMIN = [
    *SITE,
    *PEOPLE,
    *ACTIVITY,
    *GO_LIVE,
    *SENDING,
    *MIRROR,
    *OVERWRITES,
    *EVIDENCE,
    *ASSIGNING,
    *DESK_LEVERS,
    *CHECKS,
    *(row for model, thing in MODELS.items() for row in _model_rows(model, *thing)),
    *LEVERS,
]
