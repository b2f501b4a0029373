"""The one place where a password opens anything."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User


class StaffPasswordBackend(AuthenticationBackend):
    """Staff sign in with a password. Customers' people never do, even if one were set."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Check a password, for staff only; for everybody else it is a wrong password."""
        user = super().authenticate(request, **credentials)
        # allauth keeps a switched-off account aside, to say so: not for customers' people.
        aside = self.unstash_authenticated_user()
        if aside is not None and aside.is_staff:
            self._stash_user(aside)
        return user if user is not None and user.is_staff else None
