"""Configurations laid on the orgs of the running server, and a person who signs in there."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.rehearsal.client import TIMEOUT, SignInPages
from tests.rehearsal.conftest import Server

PRODUCTION, FULL, DEV = 2, 3, 4


def configure(server: Server, offset: int, *names: str) -> dict[str, Any]:
    """Lay configurations on the org at a port; answers what lies there then."""
    answer: dict[str, Any] = {}
    for name in names:
        url = f"{server.url(offset)}/rehearsal/configuration"
        response = requests.post(url, json={"name": name}, timeout=TIMEOUT)
        assert response.status_code == 200, response.text
        answer = response.json()
    return answer


def take_away(server: Server, offset: int, name: str = "") -> dict[str, Any]:
    """Take one configuration away, or all."""
    url = f"{server.url(offset)}/rehearsal/configuration"
    response = requests.delete(url, params={"name": name} if name else None, timeout=TIMEOUT)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def choose(pages: SignInPages, username: str) -> tuple[requests.Response, str, str]:
    """Choose a user on the login page; the answer, the page's address and the user's value."""
    page = pages.open()
    pattern = r'value="([^"]+)" required(?: checked)?>\s*<span><strong>[^<]*</strong> <small>'
    found = re.search(pattern + re.escape(username) + "<", page.text)
    assert found, f"{username} is not on the login page"
    answer = pages.browser.post(
        page.url, data={"user": found[1]}, allow_redirects=False, timeout=TIMEOUT
    )
    return answer, page.url, found[1]


def allow(pages: SignInPages, username: str) -> requests.Response:
    """Choose a user and press Allow; where that leads is not followed."""
    consent, address, user = choose(pages, username)
    assert "Allow access?" in consent.text
    form = {"user": user, "decision": "allow"}
    return pages.browser.post(address, data=form, allow_redirects=False, timeout=TIMEOUT)


def back(response: requests.Response) -> dict[str, str]:
    """What the callback is told."""
    assert response.status_code == 302, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}
