"""Person keys as they are stored: hashed, because a name with a company may be of any length."""

import hashlib
from collections.abc import Iterable

from jobchanges.delivery.conflicts import Conflicting, person_keys
from jobchanges.models import JobChange, PersonKey

ROWS_A_STATEMENT = 500


def person_hashes(job_change: Conflicting) -> frozenset[str]:
    """The person keys of a job change, each as 64 hexadecimal digits."""
    return frozenset(hashlib.sha256(key.encode()).hexdigest() for key in person_keys(job_change))


def person_keys_store(job_changes: Iterable[JobChange]) -> None:
    """Store the keys of job changes just added. Belongs into the transaction that adds them."""
    PersonKey.objects.bulk_create(
        (
            PersonKey(job_change_id=item.pk, customer_id=item.customer_id, key=key)
            for item in job_changes
            for key in sorted(person_hashes(item))
        ),
        batch_size=ROWS_A_STATEMENT,
    )
