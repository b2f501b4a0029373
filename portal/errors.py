"""Errors of this floor that people read."""


class StepError(Exception):
    """What cannot be confirmed, withdrawn, waived or chosen; says why in a sentence."""
