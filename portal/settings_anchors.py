"""Where on the settings page a choice stands: what a review says is off leads there."""

from jobchanges.models import Review

RECORD, OWNERS, CAMPAIGN = "record", "owners", "campaign"
EXISTING, FIELDS, EXAMPLE = "existing", "fields", "example"

Category = Review.Category
# A wrong account or person is matching, which no setting changes; "something else" may be anything.
_OF_REASON = {
    Category.WRONG_RECORD.value: RECORD,
    Category.OWNER.value: OWNERS,
    Category.FIELD.value: FIELDS,
    Category.CAMPAIGN.value: CAMPAIGN,
    Category.DUPLICATE.value: EXISTING,
}


def settings_anchor(reason: str) -> str:
    """The part of the settings page for the reason of a review; "" where no setting is at fault."""
    return _OF_REASON.get(reason, "")
