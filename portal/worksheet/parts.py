"""The worksheet as plain values: for pages, for a table, for a deployment tool."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote


@dataclass(frozen=True)
class Name:
    """A component by the name that the Metadata API gives it.

    `alike`: whether production has it as it was tested; None where that was not compared.
    """

    name: str
    alike: bool | None = None

    @property
    def shown(self) -> str:
        """As Setup lists it: the API name of a page layout has its parentheses encoded."""
        return unquote(self.name)


@dataclass(frozen=True)
class Component:
    """One type of a change set, with its components.

    `kind` as Setup lists it, `metadata` as the Metadata API calls it. Without `metadata` the names
    are a hint ("the layouts of Lead") and no components. `tool_only`: no change set takes it.
    """

    kind: str
    names: Sequence[Name] = ()
    note: str = ""
    metadata: str = ""
    tool_only: bool = False


@dataclass(frozen=True)
class ByHand:
    """Something to do by hand. `href`: the place in production's Setup, where it is known.

    `always`: worth saying also beside what the tested sandbox said about this part.
    """

    sentence: str
    href: str = ""
    always: bool = False


@dataclass(frozen=True)
class Part:
    """One of the six parts. `names`: API names to compare one by one, folded on screen."""

    key: str
    title: str
    about: str
    components: Sequence[Component] = ()
    by_hand: Sequence[ByHand] = ()
    names: Sequence[str] = ()
    names_label: str = ""
    names_open: bool = True
    permissions: bool = False


@dataclass(frozen=True)
class Worksheet:
    """All six. `taken_at`: when the tested sandbox said it; None while it has not."""

    parts: Sequence[Part]
    taken_at: datetime | None = None
    compared_at: datetime | None = None

    @property
    def components(self) -> list[tuple[str, str]]:
        """(Metadata type, name), each once, in order: what a deployment tool takes."""
        return sorted(
            {
                (component.metadata, one.name)
                for part in self.parts
                for component in part.components
                if component.metadata
                for one in component.names
            }
        )
