"""Who a job change is about, in a form that a database can look up."""

from django.db import models

from accounts.models import Customer
from jobchanges.models.jobchange import JobChange


class PersonKey(models.Model):
    """One name of a job change's person: `conflicts.person_keys`, hashed to one length.

    Written when the job change is imported and never edited. A migration has to fill the table
    anew when the rule of `person_keys` changes.
    """

    job_change = models.ForeignKey(
        JobChange, on_delete=models.CASCADE, related_name="person_keys", db_index=False
    )
    # The job change's own, so that one index answers.
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=64)

    class Meta:
        verbose_name = "person key"
        verbose_name_plural = "person keys"
        ordering = ["job_change", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["job_change", "key"], name="person_key_once_a_job_change"
            )
        ]
        indexes = [models.Index(fields=["customer", "key"], name="person_key_of_customer")]

    def __str__(self) -> str:
        return self.key
