"""An org as large as they come: the whole set stays within its calls, or says what it left out."""

import math
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from integrations.checks import running
from integrations.checks.running import check_run_work
from integrations.checks.services import check_run_start
from integrations.models import CheckResult, CheckRun, Snapshot
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.ids import id18
from integrations.salesforce.together import Reply
from tests.integrations.checks.over_the_wire import context_of

pytestmark = pytest.mark.django_db

ORG = "northwind-full"
PROFILES, SETS_OF_EACH, RECORD_TYPES, FIELDS = 300, 8, 12, 60
# Rows that Salesforce gives in one answer.
PAGE = 2_000


class Large:
    """The rehearsal org with 300 profiles: further pages of their rows are counted as calls."""

    def __init__(self, org):
        self.org = org
        self.more = 0

    def __getattr__(self, name):
        return getattr(self.org, name)

    @property
    def calls(self):
        return self.org.calls + self.more

    def read_together(self, reads):
        replies = self.org.read_together(reads)
        pairs = zip(reads, replies, strict=True)
        return [self.larger(unquote(read.path), reply) for read, reply in pairs]

    def larger(self, path, reply):
        if "FROM User " in path and "GROUP BY ProfileId" in path and reply.error is None:
            made = [
                {"ProfileId": profile(n), "Name": f"Team {n}", "users": 5} for n in range(PROFILES)
            ]
            return replace(reply, body=[*reply.body, *made])
        named = len(re.findall(r"'00e\w{12,15}'", path))
        profiles = min(named, PROFILES) if named else PROFILES
        rows = {
            "FROM FieldPermissions": profiles * FIELDS,
            "FROM ObjectPermissions": profiles * 10,
            "FROM ProfileLayout": profiles * (RECORD_TYPES + 1) * 3,
            "FROM FieldDefinition": 3_500,
        }
        found = next((count for words, count in rows.items() if words in path), 0)
        self.more += max(0, math.ceil(found / PAGE) - 1)
        # An aggregate has one answer and no second page.
        if "Assignee.ProfileId, PermissionSetId" in path and profiles * SETS_OF_EACH > PAGE:
            return Reply(error=SalesforceError("MALFORMED_QUERY", "no queryMore"))
        return reply


def profile(n):
    return id18(f"00e8b0000{n:06d}")


@pytest.fixture
def asked(rehearsal, customer, monkeypatch):
    """A whole round with a snapshot, of an org with much of everything."""
    rehearsal.configure(
        ORG,
        extra_layouts=[
            {"sobject": name, "name": f"{name} layout {n:02d}", "profiles": ["Sales User"]}
            for name in ("Lead", "Contact", "Account")
            for n in range(40)
        ],
        roles=[{"name": f"Role {n}", "parent": "VP Sales"} for n in range(200)],
        record_types=[
            {"sobject": name, "developer_name": f"T{n}", "label": f"Type {n}"}
            for name in ("Lead", "Contact", "Account")
            for n in range(RECORD_TYPES)
        ],
        validation_rules=[
            {"sobject": "Lead", "name": f"Rule_{n}", "blank": ["Country"], "message": "No. " * 60}
            for n in range(400)
        ],
    )
    rehearsal.package_install(ORG)
    connection = rehearsal.connect(customer, ORG)
    opened = running.org_open
    monkeypatch.setattr(running, "org_open", lambda *args, **named: Large(opened(*args, **named)))
    monkeypatch.setattr(running, "check_context_of", lambda _connection: context_of("sandbox"))
    run = check_run_start(connection=connection, reason="asked", snapshot=CheckRun.Snapshot.CURRENT)
    check_run_work(run_pk=run.pk)
    run.refresh_from_db()
    return run


def test_everything_is_asked_with_at_most_fifteen_calls_and_what_was_left_out_is_told(asked):
    assert (asked.state, asked.error) == ("ended", "")
    assert asked.api_calls <= 15
    assert Snapshot.objects.filter(epoch=asked.epoch).exists()
    results = {one.name: one for one in CheckResult.objects.filter(epoch=asked.epoch)}
    assert not [one.name for one in results.values() if one.error]
    said = " ".join(item["sentence"] for item in results["rep_access"].items)
    assert "Only the 25 profiles with the most people were looked at." in said
    said = " ".join(item["sentence"] for item in results["page_layouts"].items)
    assert "only the 6 page layouts that most people see" in said
    assert all(len(str(one.items)) < 150_000 for one in results.values())
