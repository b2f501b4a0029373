"""SOAP's door: envelope, session header and faults, for the Metadata and the Partner API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from flask import Blueprint, current_app, make_response, request
from werkzeug.wrappers import Response

from integrations.rehearsal import metadata_soap, soap_convert, trouble
from integrations.rehearsal.access import Access
from integrations.rehearsal.calls import OFFERED, RETIRED_BELOW
from integrations.rehearsal.host import host
from integrations.rehearsal.soap_values import Element, SoapFault
from integrations.rehearsal.world import Org

blueprint = Blueprint("soap", __name__)
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
DEEPEST = 60
Operation = Callable[[Access, Element], str]


@dataclass(frozen=True)
class Api:
    """One SOAP API: its namespace, that of its faults, and what it can do."""

    namespace: str
    fault_namespace: str
    operations: dict[str, Operation] = field(default_factory=dict)


APIS = {
    "m": Api(metadata_soap.NAMESPACE, metadata_soap.NAMESPACE, metadata_soap.OPERATIONS),
    "u": Api(soap_convert.NAMESPACE, "urn:fault.partner.soap.sforce.com", soap_convert.OPERATIONS),
}


def parse(data: bytes) -> Element:
    """The document's root. Document types are refused, and with them every entity of its own.

    Raises SoapFault for anything that is no well-formed document.
    """
    root = Element("", "")
    open_elements = [root]
    parser = expat.ParserCreate(namespace_separator="}")

    def refuse_document_type(*_: Any) -> None:
        raise SoapFault("soapenv:Client", "DOCTYPE is not allowed in a SOAP message")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > DEEPEST:
            raise SoapFault("soapenv:Client", "The message is nested too deeply")
        namespace, _, local = name.rpartition("}")
        element = Element(namespace, local)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def text(characters: str) -> None:
        open_elements[-1].text += characters

    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.EntityDeclHandler = refuse_document_type
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise SoapFault("soapenv:Client", f"Unable to parse the message: {error}") from error
    return root.children[0]


@blueprint.route("/services/Soap/<api>/<version>", methods=["POST"])
@blueprint.route("/services/Soap/<api>/<version>/<org_id>", methods=["POST"])
def call(api: str, version: str, org_id: str = "") -> Response:
    """One SOAP call; a fault has status 500."""
    chosen, org = APIS.get(api), host().org
    if chosen is None or org is None:
        return make_response("<h1>Not Found</h1>", 404)
    usage, status = None, 200
    try:
        if "SOAPAction" not in request.headers:
            raise SoapFault("soapenv:Client", "SOAPAction HTTP header missing")
        _check_version(org, version)
        header, operation = _parts(parse(request.get_data()))
        access = _session(org, header)
        _check_allowance(org, access)
        org.take_time()
        usage = org.count_call()
        known = chosen.operations.get(operation.name)
        if known is None or operation.namespace != chosen.namespace:
            text = f"No operation available for request {{{operation.namespace}}}{operation.name}"
            raise SoapFault("soapenv:Client", text)
        inside = known(access, operation)
        body = f"<{operation.name}Response>{inside}</{operation.name}Response>"
    except SoapFault as fault:
        status, body = 500, _fault(chosen, fault)
    if usage is not None:
        org.log_call(request.method, request.path, status)
    response = make_response(_envelope(chosen, body), status)
    response.content_type = "text/xml; charset=utf-8"
    return response


def _check_version(org: Org, version: str) -> None:
    newest = max(float(number) for number in org.config.versions or OFFERED)
    number, _, zero = version.partition(".")
    known = number.isdecimal() and len(number) < 4 and zero == "0"
    if not known or not RETIRED_BELOW <= int(number) <= newest:
        text = f"Invalid Api version specified on URL: {version}"
        raise SoapFault("sf:UNSUPPORTED_API_VERSION", text)


def _parts(envelope: Element) -> tuple[Element | None, Element]:
    """The header, and the operation inside the body."""
    if (envelope.namespace, envelope.name) != (ENVELOPE, "Envelope"):
        raise SoapFault("soapenv:VersionMismatch", "Version Mismatch")
    body = envelope.child("Body")
    if body is None or not body.children:
        raise SoapFault("soapenv:Client", "Unable to find the body of the message")
    return envelope.child("Header"), body.children[0]


def _session(org: Org, header: Element | None) -> Access:
    session = header.child("SessionHeader") if header else None
    token = session.value("sessionId") if session else ""
    found = current_app.extensions["signin"].session(token) if token else None
    user = org.space.get("User", found[1]["user"]) if found else None
    struck = org.faults.take(("expired_session",), **trouble.facts())
    known = found and found[1]["org"] == org.config.org_id and user and user.get("IsActive")
    if struck or not known or not user:
        text = (
            "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, "
            "missing session hash"
        )
        raise SoapFault("sf:INVALID_SESSION_ID", text)
    return Access(org, user, trouble.facts())


def _check_allowance(org: Org, access: Access) -> None:
    if not org.config.api_enabled:
        text = "API is not enabled for this Organization or Partner"
        raise SoapFault("sf:API_DISABLED_FOR_ORG", text)
    if "ApiEnabled" not in access.permissions:
        raise SoapFault("sf:API_CURRENTLY_DISABLED", "API is disabled for this User")
    if access.fault("concurrent_limit"):
        text = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
        raise SoapFault("sf:REQUEST_LIMIT_EXCEEDED", text)
    if org.calls_used >= org.config.daily_requests:
        raise SoapFault("sf:REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def _fault(api: Api, fault: SoapFault) -> str:
    """A platform's fault repeats its code in the text and, in the Partner API, in the detail."""
    prefix, _, code = fault.code.partition(":")
    text = f"{code}: {fault.text}" if prefix == "sf" else fault.text
    detail = ""
    if prefix == "sf" and api.namespace != api.fault_namespace:
        detail = (
            '<detail><sf:UnexpectedErrorFault xsi:type="sf:UnexpectedErrorFault">'
            f"<sf:exceptionCode>{code}</sf:exceptionCode>"
            f"<sf:exceptionMessage>{escape(fault.text)}</sf:exceptionMessage>"
            "</sf:UnexpectedErrorFault></detail>"
        )
    return (
        f"<soapenv:Fault><faultcode>{fault.code}</faultcode>"
        f"<faultstring>{escape(text)}</faultstring>{detail}</soapenv:Fault>"
    )


def _envelope(api: Api, body: str) -> str:
    names = "".join(_names(api))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope{names}>'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )


def _names(api: Api) -> Iterator[str]:
    yield f' xmlns:soapenv="{ENVELOPE}"'
    yield f' xmlns="{api.namespace}"'
    yield f' xmlns:sf="{api.fault_namespace}"'
    yield f' xmlns:xsi="{INSTANCE}"'
