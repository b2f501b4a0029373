"""Reading back costs one call and one statement a group, however many records it has."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.salesforce.client import Org
from jobchanges.delivery import worker
from jobchanges.models import RecordWrite


def test_a_group_is_read_back_in_one_call_and_stored_in_one_statement(sandbox, monkeypatch):
    asked = []
    real = Org.read_together

    def read_together(org, reads):
        asked.append(reads)
        return real(org, reads)

    monkeypatch.setattr(Org, "read_together", read_together)
    run = sandbox.send(sandbox.run())
    asked.clear()
    with CaptureQueriesContext(connection) as queries:
        worker.org_deliver(sandbox.connection.epoch_id)
    assert sandbox.states(run) == ["delivered"] * 5
    assert len(asked) == sandbox.graph_calls() == 1
    stored = [one["sql"] for one in queries if "ON CONFLICT" in one["sql"]]
    assert len([one for one in stored if "jobchanges_recordwrite" in one]) == 1


def test_what_we_created_is_named_without_asking(sandbox):
    sandbox.delivered_run()
    for write in RecordWrite.objects.filter(role="package"):
        person = write.attempt.writes.get(role="person")
        created = sandbox.record(person.record_id, person.object_name)
        assert write.names[person.record_id] == created["Name"]
