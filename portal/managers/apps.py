"""Puts the managers' site in place of Django's default admin site."""

from django.contrib.admin.apps import AdminConfig


class ManagersAdminConfig(AdminConfig):
    """Django's admin with the managers' home."""

    default_site = "portal.managers.site.ManagersAdminSite"

    def ready(self) -> None:
        """Register every app's admin, then the managers' own pages."""
        super().ready()
        from portal.managers import registered  # noqa: F401 (registers on import)
