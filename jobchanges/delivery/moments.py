"""Times as an org writes them."""

from datetime import datetime
from typing import Any


def org_moment(text: Any) -> datetime | None:
    """A date with a time and its zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
