"""Settings of the bench's processes: tables straight from the models, of every app alike."""

from portal.settings.test import *  # noqa: F403

APPS = [app.rpartition(".")[2] for app in INSTALLED_APPS]  # noqa: F405
MIGRATION_MODULES = dict.fromkeys(["admin", *APPS])
# What is released waits for the worker, who is started beside.
CELERY_TASK_ALWAYS_EAGER = False
