"""Clients that are not ours: zeep with Salesforce's own WSDL, and simple-salesforce's Bulk 2.0."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import requests
import simple_salesforce
import zeep
from simple_salesforce import bulk2

from tests.rehearsal.client import OrgClient
from tests.rehearsal.conftest import ADMIN, Server

WSDL = Path(simple_salesforce.__file__).with_name("metadata.wsdl")
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"


@pytest.fixture
def administrator(server: Server) -> OrgClient:
    """The full copy with the package, as its administrator."""
    client = server.full_copy(f"{ADMIN}.full")
    client.control("POST", "package", {"security": "all"})
    return client


class MetadataClient:
    """`readMetadata` through the WSDL, which checks names and order of everything it reads."""

    def __init__(self, org: OrgClient, session_id: str) -> None:
        client = zeep.Client(str(WSDL))
        address = f"{org.base}/services/Soap/m/66.0"
        self.service = client.create_service(f"{NAMESPACE}MetadataBinding", address)
        self.header = client.get_element(f"{NAMESPACE}SessionHeader")(sessionId=session_id)

    def read(self, kind: str, *names: str) -> Any:
        return self.service.readMetadata(kind, list(names), _soapheaders=[self.header])


def test_the_metadata_api_answers_as_the_wsdl_says(administrator: OrgClient) -> None:
    client = MetadataClient(administrator, administrator.tokens["access_token"])
    [settings] = client.read("LeadConvertSettings", "LeadConvertSettings")
    [mapping] = settings.objectMapping
    assert mapping.outputObject == "Contact"
    assert "UserGem__Persona__c" in {pair.inputField for pair in mapping.mappingFields}
    [layout] = client.read("Layout", "Lead-Lead Layout")
    headings = [section.label for section in layout.layoutSections]
    assert headings[0] == "Lead Information"
    assert "UserGems" in headings
    text, reference = client.read(
        "CustomField", "Lead.UserGem__Persona__c", "Lead.UserGem__PastContact__c"
    )
    assert (text.type, text.length) == ("Text", 255)
    assert (reference.type, reference.referenceTo) == ("Lookup", "Contact")


def test_a_wrong_session_is_a_fault_to_others_too(administrator: OrgClient) -> None:
    client = MetadataClient(administrator, "00Dwrong")
    with pytest.raises(zeep.exceptions.Fault, match="INVALID_SESSION_ID") as caught:
        client.read("Layout", "Lead-Lead Layout")
    assert caught.value.code == "sf:INVALID_SESSION_ID"


def test_simple_salesforce_loads_in_bulk_and_reads_back(
    administrator: OrgClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It asks every five seconds whether a job is done.
    monkeypatch.setattr(bulk2, "sleep", lambda seconds: threading.Event().wait(0.05))
    jobs = f"{administrator.base}/services/data/v66.0/jobs/"
    token = administrator.tokens["access_token"]
    leads = bulk2.SFBulk2Handler(token, jobs, None, requests.Session()).Lead
    records = [
        {"LastName": f"Doe {number}", "Company": company, "Country": "France"}
        for number, company in enumerate(("Bulk Inc", "Bulk Inc", ""))
    ]
    [job] = leads.insert(records=records)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 1)
    assert "REQUIRED_FIELD_MISSING" in leads.get_failed_records(job["job_id"])
    pages = list(leads.query("SELECT LastName FROM Lead WHERE Company = 'Bulk Inc'"))
    assert [name in pages[0] for name in ("Doe 0", "Doe 1", "Doe 2")] == [True, True, False]
