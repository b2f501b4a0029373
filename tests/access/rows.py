"""A row of the table: one address and one way of asking it, and what each person gets.

The cells stand in this order (`HEADER`), and a cell is a status or a word for a redirect:

    in     to the customers' sign-in page          desk   to the managers' home
    door   to the admin's sign-in                  home   to the customer's home
    go     to `to`, or for staff to `staff_to`     out    to Salesforce
    staff  to the staff's sign-in page
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.access.world import PEOPLE

GET, POST = "GET", "POST"
HEADER = "anon  admin revwr apprv  stran  mangr lead  opera  other norig"
STAFF = ("manager", "lead", "operator", "other_manager", "staff_without_rights")
WORDS = {
    "in": "account_request_login_code",
    "door": "admin:login",
    "desk": "admin:index",
    "home": "setup",
    "out": "Salesforce",
    "staff": "account_login",
}


@dataclass(frozen=True)
class Row:
    """`args`: the address's parts by the names of the world's objects, or plain values.

    `data` likewise, where a value that starts with "@" is the name of an object. `knows_token`:
    whoever holds the link in the address may read which company it is for. `why` says what is
    special about a row.
    """

    label: str
    method: str
    cells: str
    args: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    path: str = ""
    to: str = ""
    staff_to: str = ""
    knows_token: bool = False
    why: str = ""

    def expected(self) -> dict[str, str]:
        """Person → "200", or "302 to <label>"."""
        cells = self.cells.split()
        if len(cells) != len(PEOPLE):
            raise ValueError(f"{self}: {len(cells)} cells for {len(PEOPLE)} people")
        return {
            person: self._cell(person, cell) for person, cell in zip(PEOPLE, cells, strict=True)
        }

    def _cell(self, person: str, cell: str) -> str:
        if cell.isdecimal():
            return cell
        if cell == "go":
            target = self.staff_to if person in STAFF and self.staff_to else self.to
            return f"302 to {target}"
        return f"302 to {WORDS[cell]}"

    def __str__(self) -> str:
        """How a failing test names the row."""
        parts = [self.method, self.label, self.query]
        parts += [f"{name}={value}" for name, value in [*self.args.items(), *self.data.items()]]
        return " ".join(part for part in parts if part)
