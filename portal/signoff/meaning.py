"""What a signature means, in one sentence a side. Stored with the signature as it was shown."""

from django.utils.translation import gettext as _

from accounts.models import Customer
from jobchanges.models import Side
from portal.signoff.standing import batch_name


def meaning_of(side: str, customer: Customer) -> str:
    """The sentences above the button, and in the record."""
    words = {"customer": customer.name, "batch": batch_name(customer)}
    if side == Side.VENDOR:
        said = _(
            "For UserGems I confirm that I have read this summary, that the tests in it were "
            "carried out and approved as stated, and that UserGems writes %(batch)s to the "
            "production org of %(customer)s exactly as described here, inside the time that "
            "%(customer)s chooses. Regular batches of new job changes follow under it while org "
            "and settings stay as they are here."
        )
        return said % words
    said = _(
        "For %(customer)s I confirm that I have read this summary and may decide this, and I "
        "allow UserGems to write %(batch)s to our production org as described here, inside the "
        "time chosen below, and after it regular batches of new job changes while org and "
        "settings stay as they are here. We can stop sending at any time; alerts already sent "
        "cannot be recalled."
    )
    return said % words
