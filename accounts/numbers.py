"""Numbers as somebody sent them: anything may stand in an address or a form."""

# Larger ones are no primary key, and no database takes them.
_MOST_DIGITS = 18


def row_number(text: str) -> int | None:
    """The primary key that was meant; None for what cannot be one.

    Plain digits only: Python takes other scripts' digits for numbers, too, and refuses to read
    very long ones.
    """
    is_one = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_one else None
