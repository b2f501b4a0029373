"""The later reading: what automation made of the records after they were saved, or on demand."""

import uuid

import structlog

from integrations.models import OrgEpoch
from jobchanges.delivery.due import records_claim
from jobchanges.delivery.readback import records_settle
from jobchanges.delivery.visits import CannotVisit, visit_open

logger = structlog.get_logger(__name__)


def org_settle(epoch_id: int) -> int:
    """Read again what is due in one org, up to 1,000 records a call; how many were read.

    What could not be read is due again in a few minutes.
    """
    writes = records_claim(OrgEpoch.objects.get(pk=epoch_id))
    if not writes:
        return 0
    try:
        with visit_open(epoch_id, uuid.uuid4().hex, writes=False) as visit:
            return records_settle(visit, writes)
    except CannotVisit as reason:
        logger.info("org_not_settled", epoch=epoch_id, reason=str(reason))
        return 0
