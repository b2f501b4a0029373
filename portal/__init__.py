"""Floor 4: the journey. Steps, pages, managers' admin, mail, settings."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
