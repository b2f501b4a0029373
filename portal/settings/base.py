"""Settings, read from the environment (and from `.env` beside manage.py, when there is one).

Every name is listed with its meaning in `.env.example`. There is no default for a secret;
what is missing or wrong stops the start through the system checks in `portal/checks.py`.
`DEMO=true` (written by `make run`) fills in the addresses of the rehearsal orgs, the embedded
broker and the demo mailbox, and nothing else changes: the demo runs the same code.
"""

from pathlib import Path

import django_stubs_ext
from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from portal.settings.environment import BASE_DIR as BASE_DIR
from portal.settings.environment import BROKER_PORT as BROKER_PORT
from portal.settings.environment import DEMO as DEMO
from portal.settings.environment import ENV_FILE as ENV_FILE
from portal.settings.environment import PORT as PORT
from portal.settings.environment import REHEARSAL_PORT as REHEARSAL_PORT
from portal.settings.environment import env
from portal.settings.logs import logging_config
from portal.settings.salesforce import *  # noqa: F403 (settings are names of this module)
from portal.settings.salesforce import (
    SALESFORCE_ALLOWED_HOST_SUFFIXES,
    SALESFORCE_PRODUCTION_LOGIN_URL,
    SALESFORCE_SANDBOX_LOGIN_URL,
)

# Lets admin and form classes name their model in brackets, as the type checker wants it.
django_stubs_ext.monkeypatch()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEMO else [])
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")
# How many job changes of its file the demo loads for Northwind; 0: all of them.
DEMO_ROWS = env.int("DEMO_ROWS", default=0)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{PORT}" if DEMO else "").rstrip("/")

INSTALLED_APPS = [
    "portal",
    "jobchanges",
    "integrations",
    "accounts",
    "portal.managers.apps.ManagersAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "integrations.oauth",
    "django_htmx",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "portal.pages.health.ProbesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "accounts.middleware.NullBytesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.sessions.SessionSeenMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "accounts.middleware.PrivatePagesMiddleware",
    "portal.see_as.SeeAsMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.portal_context",
            ],
        },
    },
]

# --- database, broker, cache ------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR}/portal.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    if "DATABASE_URL" not in env:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
    # Measured in docs/decisions.md: without IMMEDIATE, two writers lose a third of transactions.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that does not answer is noticed in seconds, not in minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

BROKER_URL = env.str("BROKER_URL", default=f"redis://127.0.0.1:{BROKER_PORT}/0" if DEMO else "")
CACHES = {
    "default": env.cache(
        "CACHE_URL",
        default=f"rediscache://127.0.0.1:{BROKER_PORT}/1" if DEMO else "locmemcache://",
    )
}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    # Pages go on without it, whether it is gone or silent.
    CACHES["default"]["BACKEND"] = "portal.caches.ForgivingRedisCache"
    CACHES["default"]["OPTIONS"] = {
        "socket_connect_timeout": 2,
        "socket_timeout": 2,
        **CACHES["default"].get("OPTIONS", {}),
    }

CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Longer than the longest task: a writing call may take 120 s, a group several of them.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 1800, "socket_connect_timeout": 3}
# A wake-up call is tried once more on a fresh connection. Somebody waits for the page, and a call
# that is lost costs no more than the time until the sweep.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
# A task mostly waits for an org. Threads are cheap, so a worker has many: an org that hangs, or is
# slow, occupies one and delays nobody. They know no time limit from outside; every call has its
# time-out, and a visit gives way after a minute.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.int("WORKER_THREADS", default=16)
CELERY_TASK_ALWAYS_EAGER = False
# How often a worker gives a sign of life, and after how long without one the site is not ready.
HEARTBEAT_EVERY_SECONDS = 30.0
HEARTBEAT_SECONDS_LATE = env.int("HEARTBEAT_SECONDS_LATE", default=120)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-deliveries": {"task": "jobchanges.tasks.deliveries_sweep", "schedule": 15.0},
    "sweep-offers": {"task": "jobchanges.tasks.org_offers_sweep", "schedule": 60.0},
    "release-regular-batches": {"task": "jobchanges.tasks.schedules_sweep", "schedule": 60.0},
    "sweep-clean-ups": {"task": "jobchanges.tasks.clean_ups_sweep", "schedule": 30.0},
    "settle-records": {"task": "jobchanges.tasks.records_settle", "schedule": 20.0},
    "sweep-connections": {"task": "integrations.tasks.connections_sweep", "schedule": 60.0},
    "keep-connections-alive": {
        "task": "integrations.tasks.connections_keep_alive",
        "schedule": crontab(minute=7),
    },
    "sweep-checks": {"task": "integrations.tasks.check_runs_sweep", "schedule": 60.0},
    "sweep-reports": {"task": "integrations.tasks.reports_sweep", "schedule": 60.0},
    # The next one finds the same rows: none of these is worth a place in a long queue.
    "send-mails": {
        "task": "portal.tasks.mails_sweep",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "remind": {
        "task": "portal.tasks.reminders_put",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 900},
    },
    "check-summaries": {"task": "portal.tasks.summaries_check", "schedule": 60.0},
    "sweep-evidence": {"task": "portal.tasks.evidence_sweep", "schedule": 60.0},
    "look-at-mirrors": {"task": "portal.tasks.mirrors_check", "schedule": 60.0},
    # One that waited too long in the queue is not needed: the next one looks at the same rows.
    "look-at-standings": {
        "task": "portal.tasks.standings_sweep",
        "schedule": 15.0,
        "options": {"expires": 60},
    },
    # Nobody needs yesterday's sign of life: one that was not fetched in time is thrown away.
    "heartbeat": {
        "task": "portal.tasks.heartbeat",
        "schedule": HEARTBEAT_EVERY_SECONDS,
        "options": {"expires": HEARTBEAT_SECONDS_LATE},
    },
    "purge-expired": {
        "task": "portal.tasks.expired_purge",
        "schedule": crontab(minute=23, hour=2),
    },
}

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.StaffPasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SITE_URL.startswith("https") else "http"
# Staff's second factor. One step of 30 seconds either way: clocks differ, typing takes a while.
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "UserGems onboarding"
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factor.StaffCodeForm",
    "reauthenticate": "accounts.second_factor.StaffCodeAgainForm",
}
# An org's administrator chooses the e-mail addresses there: never sign anyone in by them.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_AUTO_SIGNUP = False
# Limits count by the reader's address, which a proxy in front writes into X-Forwarded-For. Without
# this number all readers behind it share one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# Beside allauth's own limits: pages that it does not know (accounts/limits.py).
ACCOUNT_RATE_LIMITS = {
    "signup_link": "30/m/ip",
    "confirm_login_code": "30/m/ip",
    "connect_start": "60/h/user",
    "open_points_send": "20/h/user",
    "colleague_invite": "20/h/user",
    # Anybody may have the security page as a file; typesetting it costs a third of a second.
    "security_pdf": "60/h/ip",
    # Each costs calls of the customer's own org; a preview also makes a page wait for it.
    "checks_run": "120/h/user",
    "report_preview": "60/h/user",
    # Programs that hand job changes in: by the client's name, and by address for unknown keys.
    "intake": "300/m/key",
    "intake_refused": "30/m/ip",
}
SIGNUP_LINK_DAYS = env.int("SIGNUP_LINK_DAYS", default=14)
# Connecting, allowing and signing need a code proven this recently (identity-and-state).
CODE_FRESH_SECONDS = env.int("CODE_FRESH_SECONDS", default=600)

# The addresses that our calls to Salesforce come from: the security page names them.
OUTGOING_ADDRESSES = env.list("OUTGOING_ADDRESSES", default=[])

# --- how long what is kept (identity-and-state, Retention) --------------------------------------
RETENTION_LINK_DAYS = env.int("RETENTION_LINK_DAYS", default=30)
RETENTION_IMPORT_DAYS = env.int("RETENTION_IMPORT_DAYS", default=30)
RETENTION_ATTEMPT_DAYS = env.int("RETENTION_ATTEMPT_DAYS", default=30)
RETENTION_BEFORE_IMAGE_DAYS = env.int("RETENTION_BEFORE_IMAGE_DAYS", default=180)
RETENTION_UNFINISHED_DAYS = env.int("RETENTION_UNFINISHED_DAYS", default=365)
RETENTION_WARNING_DAYS = env.int("RETENTION_WARNING_DAYS", default=30)
RETENTION_MAIL_DAYS = env.int("RETENTION_MAIL_DAYS", default=90)

# --- mail -------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL",
    default="UserGems onboarding <onboarding@usergems.example>" if DEMO else "",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if DEMO and not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "portal.mail.mailbox.MailboxBackend"
else:
    vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEMO_MAILBOX_DIR = VAR_DIR / "mail"
# Mail goes out while somebody waits for the page: a silent server must not hold it for ever.
EMAIL_TIMEOUT = 10

# --- pages ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
INTAKE_API_KEYS = env.list("INTAKE_API_KEYS", default=[])

# --- security ---------------------------------------------------------------------------------
_https = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_self = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_self],
        "style-src": [_self],
        "img-src": [_self],
        "font-src": [_self],
        "connect-src": [_self],
        # A form that leads to Salesforce answers with a redirect, which this directive follows.
        # Orgs that sign in at their own My Domain are sent on there.
        "form-action": [
            _self,
            SALESFORCE_PRODUCTION_LOGIN_URL,
            SALESFORCE_SANDBOX_LOGIN_URL,
            "https://*.my.salesforce.com",
            # Own addresses of the demo's orgs.
            *[
                f"http://{host}:*"
                for host in SALESFORCE_ALLOWED_HOST_SUFFIXES
                if host in {"127.0.0.1", "localhost"}
            ],
        ],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in ("camera", "microphone", "geolocation", "payment", "usb", "accelerometer")
}

DEFAULT_EXCEPTION_REPORTER = "accounts.reporting.SecretsReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "accounts.reporting.SecretsReporterFilter"

LOGGING = logging_config(debug=DEBUG)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# Addresses of readers are personal data; a person's id is on the line.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
