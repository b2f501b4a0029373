"""Settings of the tests: the same code, fast and closed to the network."""

import os
import tempfile

os.environ["ENV_FILE"] = os.devnull  # a .env beside manage.py is nobody's business here
os.environ["DEMO"] = "false"
os.environ.setdefault("SECRET_KEY", "tests-only-not-a-secret-0123456789-abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("TOKEN_ENCRYPTION_KEYS", "dGVzdHMtb25seS1ub3QtYS1zZWNyZXQtMDAwMDAwMDE=")
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("BROKER_URL", "memory://")
os.environ.setdefault("DEFAULT_FROM_EMAIL", "UserGems onboarding <onboarding@usergems.example>")
os.environ.setdefault("SALESFORCE_ALLOWED_HOST_SUFFIXES", ".salesforce.com,.force.com,127.0.0.1")
for _environment in ("SANDBOX", "PRODUCTION"):
    _name = _environment.lower()
    os.environ.setdefault(f"SALESFORCE_{_environment}_CLIENT_ID", f"rehearsal-{_name}-client")
    os.environ.setdefault(f"SALESFORCE_{_environment}_CLIENT_SECRET", f"rehearsal-{_name}-secret")

from portal.settings.base import *  # noqa: E402, F403

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as on a real site: SQLite's shared memory ignores the time-out for locks.
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": os.path.join(tempfile.gettempdir(), f"portal-tests-{os.getpid()}.sqlite3")
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Each request says three lines that nobody reads; `caplog.at_level` brings them back.
LOGGING["root"]["level"] = "WARNING"  # noqa: F405
LOGGING["loggers"]["django.server"]["level"] = "WARNING"  # noqa: F405
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
if os.environ.get("LINT_MIGRATIONS"):
    INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]  # noqa: F405
# Looks files up when asked for, instead of warning that nothing was collected.
WHITENOISE_AUTOREFRESH = True
if os.environ.get("ROOT_URLCONF"):
    ROOT_URLCONF = os.environ["ROOT_URLCONF"]
