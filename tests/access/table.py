"""The portal's addresses: who gets what. Every new address gets its rows here or beside.

Staff get 404 on the customers' pages: they have none of their own, their place is the admin.
"""

from tests.access.rows import GET, HEADER, POST, Row

ENV = {"environment": "sandbox"}
RUN = {"pk": "run"}
DELIVERY = {"pk": "run", "delivery_pk": "delivery"}
# Two runs in one address: somebody else's job change under one's own run.
MIXED = {"pk": "run", "delivery_pk": "their_delivery"}
RUN_PAGES = {"to": "test_run", "staff_to": "admin:jobchanges_testrun_change"}

# fmt: off
assert HEADER == "anon  admin revwr apprv  stran  mangr lead  opera  other norig"

# The reader's own customer. The stranger gets the same pages, of their own customer.
OWN_PAGES = [
    Row("setup", GET, "in    200   200   200    200    desk  desk  desk   desk  desk"),
    Row("step_list", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row("org_list", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row("activity", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row("settings", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row("settings", POST, "in    422   403   403    422    404   404   404    404   404"),
    Row("worksheet", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row(
        "people_source",
        POST,
        "in    422   403   403    422    404   404   404    404   404",
        why="nothing is chosen",
    ),
    Row(
        "people_source",
        POST,
        "in    home  403   403    home   404   404   404    404   404",
        data={"kind": "engine"},
    ),
    Row("test_run_list", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row(
        "step_confirm",
        POST,
        "in    422   403   403    422    404   404   404    404   404",
        {"key": "confirmable"},
        why="the box is not ticked",
    ),
    Row(
        "step_confirm",
        POST,
        "in    home  403   403    home   404   404   404    404   404",
        {"key": "confirmable"},
        {"agree": "yes"},
    ),
    Row(
        "step_withdraw",
        POST,
        "in    home  403   403    home   404   404   404    404   404",
        {"key": "confirmed"},
    ),
    Row(
        "step_check",
        POST,
        "in    home  home  home   home   404   404   404    404   404",
        {"key": "unconnected_step"},
        why="anybody of the customer may have the org asked again; this one is not connected",
    ),
]

TEST_RUNS = [
    Row("test_run", GET, "in    200   200   200    404    go    go    go     404   404", RUN,
        **RUN_PAGES),
    Row("test_run", GET, "in    404   404   404    404    go    go    go     404   404",
        {"pk": "draft"}, **RUN_PAGES, why="a draft is the manager's until it is sent"),
    Row("test_run", GET, "in    404   404   404    404    404   404   404    404   404",
        {"pk": "missing"}),
    Row("test_run", GET, "in    200   200   200    404    go    go    go     404   404",
        {"pk": "offered"}, **RUN_PAGES, why="a production test is shown to be allowed"),
    Row("test_run_allow", GET, "in    200   200   200    404    go    go    go     404   404",
        {"pk": "offered"}, **RUN_PAGES),
    Row("test_run_allow", GET, "in    404   404   404    404    go    go    go     404   404",
        {"pk": "draft"}, **RUN_PAGES, why="a draft is the manager's until it is offered"),
    Row("test_run_allow", GET, "in    go    go    go     404    go    go    go     404   404",
        RUN, **RUN_PAGES, why="a sandbox test needs no allowance"),
    Row("test_run_allow", POST, "in    422   403   422    404    403   403   403    403   403",
        {"pk": "offered"}, why="not what the page showed; reviewers and staff never allow"),
    Row("test_run_allowance_withdraw", POST,
        "in    go    403   go     404    403   403   403    404   404", {"pk": "offered"},
        **RUN_PAGES, why="refused in words: nothing is allowed; whoever signs takes it back"),
    Row("test_run_approve", POST, "in    go    403   go     404    go    go    go     404   404",
        RUN, **RUN_PAGES, why="refused in words: not all are agreed; reviewers do not sign"),
    Row("delivery_review", POST, "in    422   422   422    404    go    go    go     404   404",
        DELIVERY, **RUN_PAGES, why="nothing chosen"),
    Row("delivery_review", POST, "in    go    go    go     404    go    go    go     404   404",
        DELIVERY, {"verdict": "right"}, **RUN_PAGES),
    Row("delivery_review", POST, "in    404   404   404    404    404   404   404    404   404",
        MIXED, {"verdict": "right"}),
    Row("delivery_comment", POST, "in    422   422   422    404    go    go    go     404   404",
        DELIVERY, **RUN_PAGES, why="nothing written"),
    Row("delivery_comment", POST, "in    go    go    go     404    go    go    go     404   404",
        DELIVERY, {"text": "A word."}, **RUN_PAGES),
    Row("delivery_comment", POST, "in    404   404   404    404    404   404   404    404   404",
        MIXED, {"text": "A word."}),
    Row("delivery_send_again", POST, "in    403   403   403    404    go    go    go     404   404",
        DELIVERY, **RUN_PAGES, why="refused in words: nobody said that something is off"),
    Row("delivery_send_again", POST, "in    403   403   403    404    404   404   404    404   404",
        MIXED, **RUN_PAGES),
]

SIGNING_UP = [
    Row("signup", GET, "200   200   200   200    403    403   403   403    403   403",
        {"token": "token"}, knows_token=True),
    Row("signup", POST, "422   go    go    go     403    403   403   403    403   403",
        {"token": "token"}, {"email": "nobody@elsewhere.example"}, to="signup", knows_token=True,
        why="who is signed in proves the address they are signed in with; others type one"),
    Row("signup", GET, "404   404   404   404    404    404   404   404    404   404",
        {"token": "missing"}),
    Row("signup", POST, "404   404   404   404    404    404   404   404    404   404",
        {"token": "missing"}),
    # A password is no code: staff never connect, whoever's link it is.
    Row("connect_start", POST, "in    out   403   403    404    403   403   403    403   403",
        ENV, {"link": "@token"}),
    Row("connect_start", POST, "in    out   403   403    out    403   403   403    403   403",
        ENV, why="without a link: reconnecting one's own org"),
    Row("connect_start", POST, "in    out   404   404    404    403   403   403    403   403",
        ENV, {"attempt": "@attempt"}, why="an attempt is its person's alone"),
    Row("connect_callback", GET, "400   400   400   400    400    400   400   400    400   400",
        ENV, query="code=made-up&state=made-up", why="nobody left for Salesforce with this state"),
    Row("connect_confirm", GET, "in    200   404   404    404    404   404   404    404   404",
        {"pk": "attempt"}),
    Row("connect_confirm", POST, "in    go    404   404    404    404   404   404    404   404",
        {"pk": "attempt"}, to="connect_confirm", why="the answer is no"),
    Row("connect_help", GET, "in    200   200   200    200    404   404   404    404   404", ENV),
    Row("connect_help", POST, "in    200   200   200    200    404   404   404    404   404",
        ENV, {"address": "https://test.salesforce.com/?error=access_denied"}),
    Row("connection_disconnect", POST,
        "in    200   403   403    200    404   404   404    404   404", ENV, why="asks first"),
    Row("connection_disconnect", POST,
        "in    go    403   403    go     404   404   404    404   404",
        ENV, {"sure": "yes"}, to="org_list"),
    Row("connection_disconnect", POST,
        "in    200   403   403    404    404   404   404    404   404",
        {"environment": "production"}, why="the stranger has no such org"),
]

SIGNING_IN = [
    Row("account_request_login_code", GET,
        "200   home  home  home   home   home  home  home   home  home"),
    Row("account_request_login_code", POST,
        "go    home  home  home   home   home  home  home   home  home",
        data={"email": "nobody@elsewhere.example"}, to="account_confirm_login_code"),
    Row("account_confirm_login_code", GET,
        "in    home  home  home   home   home  home  home   home  home"),
    Row("account_confirm_login_code", POST,
        "in    home  home  home   home   home  home  home   home  home",
        data={"code": "ABCD-EFGH"}),
    Row("account_prove", GET, "in    200   200   200    200    403   403   403    403   403"),
    Row("account_prove", POST, "in    go    go    go     go     403   403   403    403   403",
        to="account_confirm_login_code"),
    Row("account_login", GET, "200   home  home  home   home   home  home  home   home  home"),
    Row("account_login", POST, "200   home  home  home   home   home  home  home   home  home",
        data={"login": "maya.rao@usergems.example", "password": "guessed"}),
    Row("account_change_password", GET,
        "in    403   403   403    403    200   200   200    200   200"),
    Row("account_change_password", POST,
        "in    403   403   403    403    200   200   200    200   200"),
    Row("account_logout", GET, "home  200   200   200    200    200   200   200    200   200"),
    Row("account_logout", POST, "home  home  home  home   home   home  home  home   home  home"),
    Row("account_inactive", GET, "200   200   200   200    200    200   200   200    200   200"),
    Row("account_signup", GET, "200   home  home  home   home   home  home  home   home  home",
        why="says that nobody signs up by themselves"),
    Row("account_signup", POST, "200   home  home  home   home   home  home  home   home  home",
        data={"email": "nobody@elsewhere.example"}),
]

# Staff's second factor. The cast's staff proved one in their session, and have none to change.
SECOND_FACTOR = [
    Row("mfa_authenticate", GET, "go    home  home  home   home   home  home  home   home  home",
        to="account_login", why="nobody is in the middle of signing in"),
    Row("mfa_authenticate", POST, "go    home  home  home   home   home  home  home   home  home",
        data={"code": "000000"}, to="account_login"),
    Row("mfa_reauthenticate", GET, "staff 404   404   404    404    go    go    go     go    go",
        to="account_reauthenticate", why="no factor: by password"),
    Row("mfa_reauthenticate", POST, "staff 404   404   404    404    go    go    go     go    go",
        data={"code": "000000"}, to="account_reauthenticate"),
    Row("account_reauthenticate", GET,
        "staff 404   404   404    404    200   200   200    200   200"),
    Row("account_reauthenticate", POST,
        "staff 404   404   404    404    200   200   200    200   200",
        data={"password": "guessed"}),
    Row("mfa_index", GET, "staff 404   404   404    404    200   200   200    200   200"),
    Row("mfa_activate_totp", GET, "staff 404   404   404    404    go    go    go     go    go",
        to="account_reauthenticate", why="the password first"),
    Row("mfa_activate_totp", POST, "staff 404   404   404    404    go    go    go     go    go",
        data={"code": "000000"}, to="account_reauthenticate"),
    Row("mfa_view_recovery_codes", GET,
        "staff 404   404   404    404    404   404   404    404   404"),
    Row("mfa_download_recovery_codes", GET,
        "staff 404   404   404    404    404   404   404    404   404"),
    Row("mfa_generate_recovery_codes", POST,
        "staff 404   404   404    404    go    go    go     go    go", to="mfa_activate_totp"),
    Row("usersessions_list", GET,
        "in    200   200   200    200    200   200   200    200   200"),
    Row("usersessions_list", POST,
        "in    go    go    go     go     go    go    go     go    go", to="usersessions_list"),
    Row("usersessions_list", POST,
        "in    go    go    go     go     go    go    go     go    go", to="usersessions_list",
        data={"session": "987654321"}, why="no such session of theirs"),
]

# Northwind's first batch is on its way under both signatures; the stranger's company has none.
GO_LIVE = [
    Row("go_live", GET, "in    200   200   200    200    404   404   404    404   404"),
    Row("go_live_freeze", POST, "in    go    403   go     go     404   404   404    404   404",
        to="go_live", why="refused in words"),
    Row("go_live_forecast", POST, "in    go    403   go     go     404   404   404    404   404",
        to="go_live"),
    Row("go_live_withdraw", POST, "in    go    403   go     go     404   404   404    404   404",
        to="go_live", why="refused in words: it was released"),
    Row("go_live_sign", POST, "in    422   403   422    go     404   404   404    404   404",
        to="go_live", why="nothing filled in; the stranger has nothing to sign"),
    Row("go_live_progress", GET, "in    go    go    go     404    404   404   404    404   404",
        to="go_live", why="without a script the page itself"),
    Row("batch_pause", POST, "in    go    403   go     404    404   404   404    404   404",
        to="go_live"),
    Row("batch_stop", POST, "in    422   403   422    404    404   404   404    404   404",
        why="no reason given"),
    Row("batch_stop", POST, "in    go    403   go     404    404   404   404    404   404",
        data={"reason": "Wrong owners."}, to="go_live"),
    Row("batch_go_on", POST, "in    go    403   go     404    404   404   404    404   404",
        to="go_live"),
    Row("go_live_exceptions", GET, "in    200   200   200    404    404   404   404    404   404"),
    Row("go_live_record", GET, "in    200   200   200    404    404   404   404    404   404",
        {"kind": "json_format"}),
    Row("go_live_records_csv", GET,
        "in    200   200   200    404    404   404   404    404   404"),
]

PORTAL = [*SECOND_FACTOR, *OWN_PAGES, *GO_LIVE, *TEST_RUNS, *SIGNING_UP, *SIGNING_IN]

# Only in the demo; anywhere else these addresses do not exist.
DEMO = [
    Row("demo_mailbox", GET, "200   200   200   200    200    200   200   200    200   200"),
    Row("demo_authenticator", GET,
        "200   200   200   200    200    200   200   200    200   200"),
    Row("demo_message", GET, "200   200   200   200    200    200   200   200    200   200",
        {"name": "mail"}),
    Row("demo_message_html", GET, "200   200   200   200    200    200   200   200    200   200",
        {"name": "mail"}),
]
