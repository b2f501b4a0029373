"""An org that tries nothing of a call is not asked the same again at once, for ever."""

import pytest

from integrations.salesforce.client import GraphResult, Org
from jobchanges.delivery import worker
from jobchanges.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_of_which_nothing_is_tried_is_not_repeated_at_once(production, monkeypatch):
    calls = []

    def halted(_org, graphs):
        calls.append(len(graphs))
        return [GraphResult(graph.graph_id, successful=False, nodes=[]) for graph in graphs]

    monkeypatch.setattr(worker, "LONGEST_VISIT", 3.0)
    for _each in range(3):
        production.job_change()
    with monkeypatch.context() as org:
        org.setattr(Org, "graphs", halted)
        production.release()
        production.deliver()

    assert len(calls) <= 5
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, not_before__isnull=False)
    assert waiting.filter(releases__gt=0).count() == 3
    assert {one.waiting_reason for one in waiting} == {"Salesforce did not try it."}

    Delivery.objects.update(not_before=None)
    production.deliver()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}
