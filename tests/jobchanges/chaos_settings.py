"""Settings of the processes that test_sigkill.py kills: a database file that others can open."""

from portal.settings.test import *  # noqa: F403

# Tables straight from the models, as the tests have them.
MIGRATION_MODULES = dict.fromkeys(
    ("accounts", "integrations", "jobchanges", "portal", "account", "socialaccount")
)
# A run that is sent waits for the worker, who is started beside.
CELERY_TASK_ALWAYS_EAGER = False
