"""What a person is told when a report cannot be chosen."""


class ReportError(Exception):
    """The report cannot be listed, chosen, mapped or shown; says why in a sentence."""
