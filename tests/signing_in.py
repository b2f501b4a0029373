"""What a person does to sign in: asks for a code, reads the mail, types it."""

import re

from django.core import mail
from django.test import Client
from django.urls import reverse

CODE = re.compile(r"^\s+([A-Z0-9]+-[A-Z0-9]+)\s*$", re.MULTILINE)


def codes_mailed(email: str) -> list[str]:
    """The codes that went to this address, oldest first."""
    return [
        match.group(1)
        for message in mail.outbox
        if message.to == [email] and (match := CODE.search(message.body))
    ]


def code_request(client: Client, email: str, next_url: str = ""):
    """Ask for a code on the sign-in page; answers the page that follows."""
    data = {"email": email} | ({"next": next_url} if next_url else {})
    return client.post(reverse("account_request_login_code"), data, follow=True)


def code_type(client: Client, code: str, next_url: str = ""):
    """Type a code; answers the redirect, or the page with the error."""
    data = {"code": code} | ({"next": next_url} if next_url else {})
    return client.post(reverse("account_confirm_login_code"), data)
