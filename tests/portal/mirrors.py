"""Compared orgs, made by hand, for the tests of the mirror and the worksheet."""

import datetime

from integrations.models import CheckRun, Snapshot
from integrations.snapshots.content import Content
from integrations.snapshots.difference import Change, Difference, Grade
from portal.models import Comparison
from tests.portal.situations import EARLIER, production_connect, sandbox_approved

# When both orgs said how they are set up, unless a test says otherwise.
TAKEN = EARLIER
COMPARED = EARLIER + datetime.timedelta(minutes=5)


def content(environment="sandbox", kinds=None, unreadable=None):
    """What an org said: nothing but what is given."""
    return Content(environment=environment, kinds=kinds or {}, unreadable=unreadable or {})


def snapshot(epoch, *, purpose=CheckRun.Snapshot.CURRENT, at=TAKEN, of=None, reference=""):
    """A snapshot of an org."""
    taken = of or content(epoch.connection.environment)
    return Snapshot.objects.create(
        epoch=epoch,
        purpose=purpose,
        reference=reference,
        taken_at=at,
        content=taken.as_json(),
        content_hash=taken.hash,
    )


def baseline(epoch, *, at=TAKEN, of=None, reference="test-run-1"):
    """The sandbox as it was approved."""
    return snapshot(epoch, purpose="baseline", at=at, of=of, reference=reference)


def difference(key="Lead.Region__c:missing", grade=Grade.CHANGES, **values):
    """One difference: a field that is not in production."""
    said = {
        "kind": "custom_fields",
        "change": Change.MISSING,
        "sentence": "Region on Lead is there in the sandbox, not in production.",
        "fix": "Put the field into the change set.",
        "setup_path": "/lightning/setup/ObjectManager/Lead/FieldsAndRelationships/view",
        "names": ("Lead.Region__c",),
        "change_set": (("CustomField", "Lead.Region__c"),),
    }
    return Difference(key=key, grade=grade, **(said | values))


BLOCKING = difference(
    "Lead.Industry:required",
    Grade.BLOCKS,
    change=Change.DIFFERENT,
    sentence="Industry is required in production, not in the sandbox.",
    names=("Lead.Industry",),
    change_set=(),
)
COSMETIC = difference(
    "Lead-Lead Layout:sections",
    Grade.COSMETIC,
    kind="page_layouts",
    sentence="The fields stand in another section.",
)


def compared(customer, *differences, drift=(), unknown=None, since=None, settled_at=None):
    """Both orgs, compared: these differences were found; returns the comparison."""
    sandbox, production = sandbox_approved(customer), production_connect(customer)
    moment = (since or COMPARED).isoformat()
    return Comparison.objects.create(
        customer=customer,
        baseline=baseline(sandbox.epoch),
        production=snapshot(production.epoch),
        differences=[{**one.as_json(), "since": moment} for one in differences],
        drift=[{**one.as_json(), "since": moment} for one in drift],
        unknown=unknown or {},
        compared_at=COMPARED,
        settled_at=settled_at,
    )
