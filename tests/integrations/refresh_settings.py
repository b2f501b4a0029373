"""Settings of the real workers of test_many_refreshes.py."""

from tests.jobchanges.worker_settings import *  # noqa: F403

CELERY_IMPORTS = ["tests.integrations.refresh_tasks"]
