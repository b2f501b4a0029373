"""`manage.py reset_second_factor EMAIL`: the way back when no other operator can sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import SecondFactorError, second_factor_reset


class Command(BaseCommand):
    """Same as the button on the person's admin page, for whoever runs the server."""

    help = "Reset the second factor of a member of staff: they set up a new one at sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("email", help="work e-mail of the member of staff")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        """Reset it, and say so."""
        user = User.objects.filter(email=email.strip().lower(), is_staff=True).first()
        if user is None:
            raise CommandError(f"No member of staff has the address {email}.")
        try:
            second_factor_reset(user=user, by=None)
        except SecondFactorError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(
            f"Reset. {user} sets up a new second factor at the next sign-in; sessions have ended."
        )
