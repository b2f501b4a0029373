"""Steps of the later stages that people still arrange with each other.

They say what they are about and what opens them. Once open it is the implementation manager's
turn: nothing here can be ticked off, because nothing here can be asked for yet.
"""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.steps.base import Finding, Step, vendors_turn
from portal.steps.facts import Facts


class ArrangedStep(Step):
    """A step known by its name, title and the line under it."""

    def __init__(
        self,
        environment: str,
        requires: Sequence[str] = (),
        *,
        name: str,
        title: str | Promise,
        what: str | Promise,
        stage: str = "",
    ) -> None:
        super().__init__(environment, requires)
        self._name, self._title, self._what, self._stage = name, title, what, stage

    @property
    def key(self) -> str:
        """`production.mirror`, `go_live.sign_off`."""
        return f"{self._stage or self.environment.value}.{self._name}"

    @property
    def title(self) -> str:
        """What the step is called on screen."""
        return str(self._title)

    def locked_sentence(self, facts: Facts) -> str:
        """What the step is about."""
        return str(self._what)

    def manager_next(self, name: str) -> str:
        """What the manager does when it is their turn."""
        return _("Next: %(name)s arranges “%(step)s” with you.") % {
            "name": name,
            "step": self.title,
        }

    def look(self, facts: Facts) -> Finding:
        """The manager's turn, as soon as it is open."""
        return vendors_turn(str(self._what))
