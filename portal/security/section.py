"""A part of the security page."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.evidence.blocks import Block


@dataclass(frozen=True)
class Section:
    """A part of the page and of its PDF. `key` is its anchor."""

    key: str
    title: str
    intro: str
    blocks: Sequence[Block]
