"""One line of the catalogue: an address as one person sees it, in a world (catalogue.py)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.browser.states import Names, Scene


@dataclass(frozen=True)
class Shown:
    """One address as one person sees it; `data` is typed into its form first."""

    label: str
    person: str = "admin_person"
    args: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    path: str = ""
    data: Mapping[str, str] | None = None

    def __str__(self) -> str:
        """How a failing test names the page."""
        where = [self.path or self.label, *self.args.values(), self.query]
        typed = ["with a form"] if self.data is not None else []
        return " ".join([*filter(None, where), "as", self.person, *typed])


@dataclass(frozen=True)
class State:
    """A world and the pages that show it."""

    make: Callable[[Scene], Names]
    pages: tuple[Shown, ...]

    def __str__(self) -> str:
        """How a test is called."""
        return self.make.__name__.replace("_", " ")


def state(make: Callable[[Scene], Names], *pages: Shown) -> State:
    return State(make, pages)


def mine(label: str, *, person: str = "admin_person", query: str = "", **args: str) -> Shown:
    """A page of the customer's people."""
    return Shown(label, person, args, query)


def desk(word: str, *, person: str = "manager", query: str = "", **args: str) -> Shown:
    """A page of the desk about the customer: `desk("mirror")`."""
    return Shown(f"admin:accounts_customer_{word}", person, {"pk": "customer", **args}, query)


CUSTOMER = Shown("admin:accounts_customer_change", "manager", {"object_id": "customer"})
HOME = Shown("admin:index", "manager")
RUN = {"object_id": "run"}
SANDBOX = {"environment": "sandbox"}
