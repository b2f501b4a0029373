"""What happened, in words: found by who, what, where and when, linked, and as a file."""

from portal.activity.filters import ActivityForm
from portal.activity.lines import EVENTS_A_PAGE, EventLine, event_page, lines_of, step_titles

__all__ = [
    "EVENTS_A_PAGE",
    "ActivityForm",
    "EventLine",
    "event_page",
    "lines_of",
    "step_titles",
]
