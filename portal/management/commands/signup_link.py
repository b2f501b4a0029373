"""`manage.py signup_link`: make a sign-up link from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Customer, Environment
from accounts.services import SignupLinkError, signup_link_create
from portal.invitations import signup_link_send
from portal.mail.invitations import signup_link_url


class Command(BaseCommand):
    """Makes a link, mails it, and prints its address."""

    help = "Makes a sign-up link for one person, mails it and prints its address."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--customer", metavar="SLUG", required=True)
        parser.add_argument("--environment", choices=Environment.values, required=True)
        parser.add_argument("--email", metavar="ADDRESS", required=True)
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument("--no-mail", action="store_true", help="only print the address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it; whatever stands against it ends the command with a sentence."""
        customer = Customer.objects.filter(slug=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer “{options['customer']}”.")
        make = signup_link_create if options["no_mail"] else signup_link_send
        try:
            _link, token = make(
                customer=customer,
                environment=options["environment"],
                person_name=options["name"],
                email=options["email"],
                by=None,
            )
        except SignupLinkError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(signup_link_url(token))
