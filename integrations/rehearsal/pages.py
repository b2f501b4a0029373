"""Pages a person can look at: the org's home, its records, and what Setup would show."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from integrations.rehearsal import ids
from integrations.rehearsal.host import host
from integrations.rehearsal.schema import Field, SObject, key_prefixes
from integrations.rehearsal.store import Row
from integrations.rehearsal.values import read
from integrations.rehearsal.world import Org

blueprint = Blueprint("pages", __name__)
LISTED = ("Lead", "Contact", "Account", "UserGem__UserGem__c", "Campaign")
SEARCHED = ("Account", "Contact", "Lead", "Campaign", "UserGem__UserGem__c", "User")
ROWS_AT_HOME = 8
ROWS_IN_LIST = 100
RELATED_SHOWN = 25
# What an address of Setup ends in, and where its run-together names part into words.
SETUP_ENDINGS = ("home", "view", "page")
WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SYSTEM_FIELDS = [
    "Id",
    "OwnerId",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
]


def error_page(status: int, title: str) -> Response:
    """A page for an address that leads nowhere."""
    return make_response(render_template("error.html", title=title), status)


def name_of(sobject: SObject, row: Row) -> str:
    """What a person calls a record."""
    for field in sobject.fields:
        if field.name_field and row.get(field.name):
            return str(row[field.name])
    return str(row["Id"])


def find_record(org: Org, key: str) -> tuple[SObject, Row] | None:
    """A record by its 15- or 18-character id."""
    full = ids.to18(key)
    target = key_prefixes().get((full or "")[:3])
    sobject = org.schema.get(target.name.lower()) if target else None
    row = org.space.get(sobject.name, full or "") if sobject else None
    return (sobject, row) if sobject and row else None


def _link(org: Org, key: str) -> dict[str, str] | None:
    found = find_record(org, key)
    return {"url": f"/{key}", "text": name_of(*found)} if found else None


def _shown(org: Org, sobject: SObject, field: Field, row: Row) -> dict[str, Any]:
    value = read(org.space, sobject, field, row)
    link = _link(org, value) if field.type == "reference" and value else None
    if field.type == "boolean":
        value = "Yes" if value else "No"
    elif field.type == "datetime" and value:
        value = f"{value[:10]} {value[11:19]} UTC"
    return {"label": field.label, "name": field.name, "value": value, "link": link}


def _newest(org: Org, sobject: SObject, most: int) -> list[Row]:
    rows = [row for row in org.space.rows(sobject.name) if not row.get("IsDeleted")]
    rows.sort(key=lambda row: (row.get("CreatedDate") or "", row["Id"]), reverse=True)
    return rows[:most]


def _lines(sobject: SObject, rows: list[Row]) -> list[dict[str, str]]:
    lines = []
    for row in rows:
        more = [row.get(name) for name in ("Title", "Company", "Website", "Status", "Label")]
        more += [row.get("UserGem__PersonName__c"), row.get("UserGem__NewCompany__c")]
        note = " · ".join(str(value) for value in more if value)
        lines.append({"url": f"/{row['Id']}", "text": name_of(sobject, row), "note": note})
    return lines


@blueprint.get("/")
def home() -> str:
    """A login host lists its orgs; an org shows its newest records."""
    here = host()
    if here.org is None:
        return render_template("hosts.html", orgs=here.orgs, environment=here.environment)
    org = here.org
    lists = []
    for name in LISTED:
        sobject = org.schema.get(name.lower())
        if sobject:
            count = sum(1 for row in org.space.rows(name) if not row.get("IsDeleted"))
            lines = _lines(sobject, _newest(org, sobject, ROWS_AT_HOME))
            lists.append((sobject, count, lines))
    return render_template("home.html", org=org, lists=lists)


@blueprint.get("/search")
def search() -> Response:
    """Records whose name or e-mail contains the words."""
    here = host()
    if here.org is None:
        return redirect("/")
    words = request.args.get("q", "").strip().lower()
    groups = []
    for name in SEARCHED:
        sobject = here.org.schema.get(name.lower())
        if not sobject or not words:
            continue
        rows = [
            row
            for row in here.org.space.rows(name)
            if not row.get("IsDeleted")
            and (words in name_of(sobject, row).lower() or words in str(row.get("Email")).lower())
        ]
        if rows:
            groups.append((sobject, len(rows), _lines(sobject, rows[:RELATED_SHOWN])))
    return make_response(
        render_template("search.html", org=here.org, words=request.args.get("q", ""), groups=groups)
    )


@blueprint.get("/lightning/o/<name>/list")
@blueprint.get("/lightning/o/<name>/home")
def object_list(name: str) -> Response:
    """The newest records of one object."""
    org = host().org
    sobject = org.schema.get(name.lower()) if org else None
    if org is None or sobject is None:
        return error_page(404, "Page not found")
    lines = _lines(sobject, _newest(org, sobject, ROWS_IN_LIST))
    return make_response(render_template("list.html", org=org, sobject=sobject, lines=lines))


@blueprint.get("/lightning/r/<name>/<key>/view")
@blueprint.get("/lightning/r/<key>/view")
@blueprint.get("/<key>")
def record(key: str, name: str = "") -> Response:
    """A record with all its filled fields and what is related to it."""
    org = host().org
    found = find_record(org, key) if org else None
    if org is None or found is None:
        return error_page(404, "Page not found")
    sobject, row = found
    if row.get("IsDeleted"):
        return error_page(404, "This record was deleted")
    sections: dict[str, list[dict[str, Any]]] = {"Details": [], "UserGems": [], "System": []}
    for field in sobject.fields:
        if field.type == "address" or field.name in ("IsDeleted", "PhotoUrl", "Name"):
            continue
        shown = _shown(org, sobject, field, row)
        if field.name in SYSTEM_FIELDS:
            sections["System"].append(shown)
        elif field.custom and sobject.package is None:
            sections["UserGems"].append(shown)
        elif shown["value"] not in (None, "No"):
            sections["Details"].append(shown)
    return make_response(
        render_template(
            "record.html",
            org=org,
            sobject=sobject,
            title=name_of(sobject, row),
            sections=[(label, items) for label, items in sections.items() if items],
            related=_related(org, sobject, row["Id"]),
        )
    )


def _related(org: Org, sobject: SObject, key: str) -> list[tuple[str, int, list[dict[str, str]]]]:
    groups = []
    for child in org.schema.values():
        for field in child.fields:
            audit = field.name in ("CreatedById", "LastModifiedById", "LeadOrContactId")
            if sobject.name not in field.reference_to or audit or child.tooling:
                continue
            rows = [
                row
                for row in org.space.find(child.name, field.name, [key])
                if row.get(field.name) == key and not row.get("IsDeleted")
            ]
            if rows:
                label = f"{child.label_plural} ({field.label})"
                groups.append((label, len(rows), _member_lines(org, child, rows[:RELATED_SHOWN])))
    return groups


def _member_lines(org: Org, child: SObject, rows: list[Row]) -> list[dict[str, str]]:
    lines = _lines(child, rows)
    if child.name == "CampaignMember":
        for line, row in zip(lines, rows, strict=True):
            names = [_link(org, row.get(key) or "") for key in ("CampaignId", "LeadOrContactId")]
            line["text"] = " · ".join(link["text"] for link in names if link)
    return lines


@blueprint.get("/setup/<path:place>")
@blueprint.get("/lightning/setup")
@blueprint.get("/lightning/setup/<path:place>")
def setup(place: str = "Home") -> Response:
    """Which page of Setup this would be, so that a deep link leads somewhere."""
    if host().org is None:
        return error_page(404, "Page not found")
    steps = [step for step in place.split("/") if step and step not in SETUP_ENDINGS]
    # The name of a custom object or field stays as it is.
    named = [
        step if step.endswith("__c") else WORD_STARTS.sub(" ", step.removesuffix(".apexp"))
        for step in steps
    ]
    return make_response(render_template("setup.html", steps=named or ["Home"], path=request.path))
