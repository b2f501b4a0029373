"""What a signature means, in one sentence a side. Stored with the signature as it was shown."""

from django.utils.translation import gettext as _

from accounts.models import Customer
from jobchanges.models import Side


def meaning_of(side: str, customer: Customer) -> str:
    """The sentence above the button, and in the record."""
    if side == Side.VENDOR:
        return _(
            "For UserGems I confirm that I have read this summary, that the tests in it were "
            "carried out and approved as stated, and that UserGems writes the first batch to the "
            "production org of %(customer)s exactly as described here, inside the time that "
            "%(customer)s chooses."
        ) % {"customer": customer.name}
    return _(
        "For %(customer)s I confirm that I have read this summary and may decide this, and I "
        "allow UserGems to write the first batch to our production org as described here, inside "
        "the time chosen below. We can stop sending at any time; alerts already sent cannot be "
        "recalled."
    ) % {"customer": customer.name}
