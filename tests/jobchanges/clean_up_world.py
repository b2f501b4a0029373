"""Cleaning up in the rehearsal's full copy: its administrator's edits, and what is left there."""

import re
from typing import Any

import pytest
import requests

from jobchanges.models import (
    CleanUp,
    Delivery,
    JobChange,
    OutputSettings,
    RecordWrite,
    TestRun,
)
from jobchanges.services import clean_up_ask, clean_up_confirm
from jobchanges.services.cleaning import clean_up_mark
from jobchanges.services.cleaning_work import clean_up_work
from tests.jobchanges.conftest import ORG, Sandbox
from tests.rehearsal_server import ADMINISTRATOR, TIMEOUT

DELETE = ["*.Delete"]
# Where collections are written and deleted.
COLLECTIONS = "composite/sobjects"


class Person:
    """Somebody of the customer's, at work in the org itself."""

    def __init__(self, sandbox: Sandbox, username: str = ADMINISTRATOR) -> None:
        token = sandbox.rehearsal.tokens(ORG, username)["access_token"]
        self.org = sandbox.rehearsal.url(ORG)
        self.token = token
        self.base = f"{self.org}/services/data/v66.0/sobjects"
        self.headers = {"Authorization": f"Bearer {token}"}

    def _call(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = requests.request(
            method, f"{self.base}/{path}", json=body, headers=self.headers, timeout=TIMEOUT
        )
        assert answer.ok, answer.text
        return answer

    def edit(self, name: str, record_id: str, **values: Any) -> None:
        """Change a record."""
        self._call("PATCH", f"{name}/{record_id}", values)

    def create(self, name: str, **values: Any) -> str:
        """Make a record; its id."""
        return str(self._call("POST", name, values).json()["id"])

    def delete(self, name: str, record_id: str) -> None:
        """Delete a record."""
        self._call("DELETE", f"{name}/{record_id}")

    def convert(self, lead: str) -> str:
        """Convert a lead; the id of the contact it became."""
        partner = "urn:partner.soap.sforce.com"
        body = (
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
            f'xmlns:p="{partner}"><s:Header><p:SessionHeader><p:sessionId>{self.token}'
            "</p:sessionId></p:SessionHeader></s:Header><s:Body><p:convertLead><p:leadConverts>"
            f"<p:leadId>{lead}</p:leadId><p:convertedStatus>Closed - Converted</p:convertedStatus>"
            "<p:doNotCreateOpportunity>true</p:doNotCreateOpportunity>"
            "</p:leadConverts></p:convertLead></s:Body></s:Envelope>"
        )
        answer = requests.post(
            f"{self.org}/services/Soap/u/66.0",
            body,
            headers={"Content-Type": "text/xml", "SOAPAction": '""'},
            timeout=TIMEOUT,
        )
        found = re.search(r"contactId>(003\w+)<", answer.text)
        assert found, answer.text
        return found[1]


def may_delete(sandbox: Sandbox, *rights: str) -> None:
    """Give the integration user the Delete right, on everything or on some objects."""
    sandbox.rehearsal.configure(ORG, extra_rights=list(rights) or DELETE)


def past_contact(sandbox: Sandbox, place: int = 0) -> dict[str, Any]:
    """A contact that was there before, with an e-mail address."""
    rows = sandbox.records("Contact", fields="Id,Email,AccountId,LastName,FirstName,IsDeleted")
    return [row for row in rows if row.get("Email") and row.get("AccountId")][place]


def look(sandbox: Sandbox, run: TestRun, only_key: str = "") -> CleanUp:
    """Ask, and let the worker look."""
    clean_up = clean_up_ask(test_run=run, only_key=only_key, by=sandbox.manager)
    clean_up_work(clean_up_pk=clean_up.pk)
    clean_up.refresh_from_db()
    assert clean_up.state == CleanUp.State.FOUND, clean_up.error
    return clean_up


def confirm(sandbox: Sandbox, clean_up: CleanUp, *, edited_too: bool = False) -> CleanUp:
    """A person lets it be removed; nothing is done yet."""
    return clean_up_confirm(
        clean_up=clean_up, seen=clean_up_mark(clean_up), edited_too=edited_too, by=sandbox.manager
    )


def work(clean_up: CleanUp) -> CleanUp:
    """One wake-up call."""
    clean_up_work(clean_up_pk=clean_up.pk)
    clean_up.refresh_from_db()
    return clean_up


def cleaned(
    sandbox: Sandbox, run: TestRun, only_key: str = "", *, edited_too: bool = False
) -> CleanUp:
    """The whole way: look, confirm, remove."""
    return work(confirm(sandbox, look(sandbox, run, only_key), edited_too=edited_too))


def written(job_change: JobChange, role: str = "person") -> RecordWrite:
    """The newest record of a role that was written for a job change."""
    return RecordWrite.objects.filter(attempt__delivery__job_change=job_change, role=role).order_by(
        "-attempt__number"
    )[0]


def outcomes(clean_up: CleanUp) -> dict[str, int]:
    """How many records ended how."""
    found: dict[str, int] = {}
    for item in clean_up.items.all():
        found[item.outcome] = found.get(item.outcome, 0) + 1
    return found


def reason(clean_up: CleanUp, record_id: str) -> str:
    """Why a record stays."""
    return clean_up.items.get(write__record_id=record_id).reason


def state(job_change: JobChange) -> str:
    """Where its delivery stands."""
    return Delivery.objects.get(job_change=job_change).state


# --- fixtures -------------------------------------------------------------------------------------


@pytest.fixture
def people(sandbox: Sandbox) -> list[JobChange]:
    """Five people the org does not know."""
    return [sandbox.job_change() for _ in range(5)]


@pytest.fixture
def run(sandbox: Sandbox, people: list[JobChange]) -> TestRun:
    """Delivered, in review; the integration user may delete."""
    may_delete(sandbox)
    return sandbox.delivered_run(people)


@pytest.fixture
def admin(sandbox: Sandbox) -> Person:
    """Somebody of the customer's in the org."""
    return Person(sandbox)


@pytest.fixture
def with_account(sandbox: Sandbox) -> tuple[TestRun, list[JobChange]]:
    """Five people who each get a contact and a new account."""
    may_delete(sandbox)
    OutputSettings.objects.filter(customer=sandbox.customer).update(record_mode="always_contact")
    joining = [sandbox.job_change() for _ in range(5)]
    return sandbox.delivered_run(joining), joining
