"""Settings of real workers beside a test: its database, a broker of its own, quick sweeps."""

from portal.settings.test import *  # noqa: F403

CELERY_TASK_ALWAYS_EAGER = False
# The log says when a worker is ready.
LOGGING["root"]["level"] = "INFO"  # noqa: F405
# As on a real site, only more often than every 15 seconds.
CELERY_BEAT_SCHEDULE["sweep-deliveries"]["schedule"] = 1.0  # noqa: F405
