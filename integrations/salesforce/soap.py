"""A little XML for the Metadata API: escaped on the way out, no DTD and no entities on the way in.

Only the parser at the bottom of Python's own is used, with our own handlers: what a document
could do besides holding elements and text ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape

# Session problems are 401 in REST; the door knows what to do then. The rest is permanent.
_STATUS = {
    "INVALID_SESSION_ID": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "INSUFFICIENT_ACCESS": 403,
    "API_DISABLED_FOR_ORG": 403,
    "API_CURRENTLY_DISABLED": 403,
    "SERVER_UNAVAILABLE": 503,
    "UNKNOWN_EXCEPTION": 500,
}
_DEEPEST = 60
# Each element costs a hundred times what `<b/>` does; a mapping of all fields has a tenth of this.
_LARGEST = 2 * 1024 * 1024
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:met="http://soap.sforce.com/2006/04/metadata">'
    "<soapenv:Header><met:SessionHeader><met:sessionId>{token}</met:sessionId>"
    "</met:SessionHeader></soapenv:Header>"
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)


@dataclass
class Element:
    """One element without its namespace; `is_nil` for `xsi:nil`."""

    name: str
    is_nil: bool = False
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, *path: str) -> Iterator[Element]:
        """The elements at the end of a path of names below this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def value(self, *path: str) -> str:
        """The text of the first such element, without blanks around it; "" for none."""
        found = next(self.all(*path), None)
        return found.text.strip() if found else ""


def envelope(token: str, call: str, arguments: list[tuple[str, str]]) -> bytes:
    """A request of the Metadata API: `call` with its arguments in their order."""
    inside = "".join(f"<met:{name}>{escape(value)}</met:{name}>" for name, value in arguments)
    body = f"<met:{call}>{inside}</met:{call}>"
    return _ENVELOPE.format(token=escape(token), body=body).encode()


def xml_read(content: bytes) -> Element:
    """The root element of a document; ValueError for anything that is not plain XML, or huge."""
    if len(content) > _LARGEST:
        raise ValueError(f"The document has more than {_LARGEST} bytes.")
    parser = ParserCreate(namespace_separator=" ")
    top = Element("")
    stack = [top]

    def refuse(*_: object) -> NoReturn:
        raise ValueError("The document declares a type or entities.")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise ValueError("The document is nested too deeply.")
        nil = attributes.get("http://www.w3.org/2001/XMLSchema-instance nil")
        element = Element(name.rpartition(" ")[2], is_nil=nil in {"true", "1"})
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def inside(text: str) -> None:
        stack[-1].text += text

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = inside
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except (ExpatError, LookupError) as problem:
        raise ValueError("This is no XML.") from problem
    return top.children[0]


def body_of(content: bytes, answer: str) -> Element:
    """The element `answer` in the body of a SOAP envelope; ValueError when it is none."""
    root = xml_read(content)
    found = next(root.all("Body", answer), None) if root.name == "Envelope" else None
    if found is None:
        raise ValueError("The answer is no SOAP, or not to this call.")
    return found


def fault_in(content: bytes) -> tuple[int, list[dict[str, str]]] | None:
    """A SOAP fault as REST would say it: status and errors; None for anything else."""
    try:
        fault = body_of(content, "Fault")
    except ValueError:
        return None
    # `sf:INVALID_SESSION_ID`; faults of SOAP itself read `soapenv:Client`.
    prefix, _, code = fault.value("faultcode").rpartition(":")
    if not code or prefix.lower().startswith("soap"):
        return None
    message = fault.value("faultstring").removeprefix(f"{code}: ")
    return _STATUS.get(code, 400), [{"errorCode": code, "message": message}]
