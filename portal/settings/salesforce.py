"""Settings of Salesforce: addresses and apps, time-outs and leases, how an org is spared."""

from portal.settings.environment import DEMO, REHEARSAL_PORT, env

_demo_login = {
    "production": f"http://127.0.0.1:{REHEARSAL_PORT}",
    "sandbox": f"http://127.0.0.1:{REHEARSAL_PORT + 1}",
}
SALESFORCE_API_VERSION = env.str("SALESFORCE_API_VERSION", default="66.0")
SALESFORCE_PRODUCTION_LOGIN_URL = env.str(
    "SALESFORCE_PRODUCTION_LOGIN_URL",
    default=_demo_login["production"] if DEMO else "https://login.salesforce.com",
).rstrip("/")
SALESFORCE_SANDBOX_LOGIN_URL = env.str(
    "SALESFORCE_SANDBOX_LOGIN_URL",
    default=_demo_login["sandbox"] if DEMO else "https://test.salesforce.com",
).rstrip("/")
SALESFORCE_PRODUCTION_CLIENT_ID = env.str(
    "SALESFORCE_PRODUCTION_CLIENT_ID", default="rehearsal-production-client" if DEMO else ""
)
SALESFORCE_PRODUCTION_CLIENT_SECRET = env.str(
    "SALESFORCE_PRODUCTION_CLIENT_SECRET", default="rehearsal-production-secret" if DEMO else ""
)
SALESFORCE_SANDBOX_CLIENT_ID = env.str(
    "SALESFORCE_SANDBOX_CLIENT_ID", default="rehearsal-sandbox-client" if DEMO else ""
)
SALESFORCE_SANDBOX_CLIENT_SECRET = env.str(
    "SALESFORCE_SANDBOX_CLIENT_SECRET", default="rehearsal-sandbox-secret" if DEMO else ""
)
# Host names end in one of these, or the portal sends nothing there (platform reference, 1.1).
SALESFORCE_ALLOWED_HOST_SUFFIXES = env.list(
    "SALESFORCE_ALLOWED_HOST_SUFFIXES",
    default=[".salesforce.com", ".force.com"] + (["127.0.0.1"] if DEMO else []),
)
SALESFORCE_SCOPES = ["api", "refresh_token", "openid", "id"]
# The package's install links (seed guide, steps 1); the demo's lead to the rehearsal orgs.
PACKAGE_LINK_SANDBOX = env.str(
    "PACKAGE_LINK_SANDBOX",
    default=(
        f"{_demo_login['sandbox']}/packaging/installPackage.apexp?p0=04t5g000000Gem1AAC"
        if DEMO
        else "https://www.usergems.com/sfdcsandbox"
    ),
)
PACKAGE_LINK_PRODUCTION = env.str(
    "PACKAGE_LINK_PRODUCTION",
    default=(
        f"{_demo_login['production']}/packaging/installPackage.apexp?p0=04t5g000000Gem1AAC"
        if DEMO
        else "https://usergems.com/sfdcapp"
    ),
)
TOKEN_ENCRYPTION_KEYS = env.list("TOKEN_ENCRYPTION_KEYS", default=[])
# Time-outs and leases, in seconds. A lease outlasts the call it covers (write-protocol).
SALESFORCE_CONNECT_TIMEOUT = env.float("SALESFORCE_CONNECT_TIMEOUT", default=3.05)
SALESFORCE_READ_TIMEOUT = env.float("SALESFORCE_READ_TIMEOUT", default=20)
SALESFORCE_WRITE_TIMEOUT = env.float("SALESFORCE_WRITE_TIMEOUT", default=120)
SALESFORCE_LONGEST_CALL = env.int("SALESFORCE_LONGEST_CALL", default=600)
REFRESH_LEASE_SECONDS = env.int("REFRESH_LEASE_SECONDS", default=90)
# Over all workers; Developer Edition and trial orgs take five long calls at a time (2.8).
ORG_CALLS_AT_ONCE = env.int("ORG_CALLS_AT_ONCE", default=5)
ORG_CALL_WAIT_SECONDS = env.float("ORG_CALL_WAIT_SECONDS", default=10)
# Bulk work stops at this share of an org's calls of 24 hours; what an org said is believed so long.
API_RESERVE_SHARE = env.float("API_RESERVE_SHARE", default=0.8)
API_USAGE_FRESH_SECONDS = env.int("API_USAGE_FRESH_SECONDS", default=600)
# What an org answered to checks is believed so long before something depends on it; a round of
# checks counts as dead when its worker was not heard of for the lease, which outlasts one call.
CHECK_FRESH_HOURS = env.int("CHECK_FRESH_HOURS", default=24)
CHECK_LEASE_SECONDS = env.int("CHECK_LEASE_SECONDS", default=180)
# Partner apps lose a refresh token that rests for 30 days (platform reference, 1.8).
TOKEN_KEEP_ALIVE_DAYS = env.int("TOKEN_KEEP_ALIVE_DAYS", default=7)
TOKEN_IDLE_WARNING_DAYS = env.int("TOKEN_IDLE_WARNING_DAYS", default=23)
TOKEN_IDLE_DAYS = env.int("TOKEN_IDLE_DAYS", default=30)
DELIVERY_CLAIM_SECONDS = env.int("DELIVERY_CLAIM_SECONDS", default=180)
DELIVERY_SETTLE_SECONDS = env.int("DELIVERY_SETTLE_SECONDS", default=120)
