"""The later reading: what automation made of the records after they were saved."""

import uuid

import structlog

from integrations.models import OrgEpoch
from jobchanges.delivery.readback import records_due, records_settle, settle_later
from jobchanges.delivery.visits import CannotVisit, visit_open

logger = structlog.get_logger(__name__)


def org_settle(epoch_id: int) -> int:
    """Read again what is due in one org, up to 1,000 records in one call; how many were read."""
    writes = records_due(OrgEpoch.objects.get(pk=epoch_id))
    if not writes:
        return 0
    try:
        with visit_open(epoch_id, uuid.uuid4().hex, writes=False) as visit:
            return records_settle(visit, writes)
    except CannotVisit as reason:
        logger.info("org_not_settled", epoch=epoch_id, reason=str(reason))
        settle_later(writes)
        return 0
