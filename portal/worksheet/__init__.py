"""The worksheet: what has to be in production as it was in the tested sandbox, in six parts.

The parts are those of the seed guide ("Moving from Sandbox to Production"); what a change set
takes along and what is left to do by hand follows contact-tracking, section 11.
"""

from portal.worksheet.parts import Component, Name, Part, Worksheet
from portal.worksheet.reading import worksheet_for

__all__ = ["Component", "Name", "Part", "Worksheet", "worksheet_for"]
