"""What a worker holds in an org, kept while it works: the lease and its claims."""

import time

from django.conf import settings
from django.utils import timezone

from jobchanges.delivery import leases
from jobchanges.delivery.queue import claim_end
from jobchanges.models import Delivery


class Hold:
    """The org's lease and the claims of one holder (write-protocol: they outlast every call)."""

    def __init__(self, org_id: str, holder: str) -> None:
        self.org_id = org_id
        self.holder = holder
        self._kept_at = time.monotonic()

    def keep(self) -> bool:
        """Keep all of it for one more call; False when somebody else has the org by now."""
        self._kept_at = time.monotonic()
        Delivery.objects.filter(state=Delivery.State.CLAIMED, claimed_by=self.holder).update(
            claimed_until=claim_end(timezone.now())
        )
        return leases.lease_extend(self.org_id, self.holder)

    def keep_in_time(self) -> None:
        """Before any call, of which matching and reading back make many: keep what is held.

        Not for each of many quick ones. Whether it still is ours is asked before writing.
        """
        if time.monotonic() - self._kept_at > settings.DELIVERY_CLAIM_SECONDS / 6:
            self.keep()
