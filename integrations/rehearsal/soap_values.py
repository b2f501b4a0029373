"""XML in and out of SOAP calls, as far as they need it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class SoapFault(Exception):
    """A call that failed as a whole; `code` with its prefix: `sf:…` or `soapenv:…`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass
class Element:
    """One element of a request; attributes are of no interest here."""

    namespace: str
    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def child(self, name: str) -> Element | None:
        """The first child of a name."""
        return next((item for item in self.children if item.name == name), None)

    def values(self, name: str) -> list[str]:
        """The texts of all children of a name."""
        return [item.text.strip() for item in self.children if item.name == name]

    def value(self, name: str) -> str:
        """The text of the first child of a name; empty if there is none."""
        return next(iter(self.values(name)), "")

    def flag(self, name: str) -> bool:
        """A boolean child; false if there is none."""
        return self.value(name) in ("true", "1")


def element(name: str, value: Any) -> str:
    """An element with a value; a list becomes one element each, None is left out."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "".join(element(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>{elements(value)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(NOT_IN_XML.sub('', text))}</{name}>"


def elements(values: dict[str, Any]) -> str:
    """The elements of a type, in the order the WSDL has them: the full name, then by name."""
    order = sorted(values, key=lambda name: (name != "fullName", name))
    return "".join(element(name, values[name]) for name in order)


def nillable(name: str, value: Any) -> str:
    """As `element`, but an absent value is said to be nil."""
    return f'<{name} xsi:nil="true"/>' if value is None else element(name, value)
