"""`/rehearsal/…`: what tests ask of the rehearsal itself. Not part of Salesforce."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, make_response, request
from werkzeug.wrappers import Response

from integrations.rehearsal import configure, laying, packaging
from integrations.rehearsal.configurations import known
from integrations.rehearsal.host import host
from integrations.rehearsal.refreshing import CannotLayError
from integrations.rehearsal.schema import package
from integrations.rehearsal.setup.reports import ASKED
from integrations.rehearsal.values import read

blueprint = Blueprint("control", __name__, url_prefix="/rehearsal")


@blueprint.route("/faults", methods=["GET", "POST", "DELETE"])
def faults() -> Response:
    """See, add or clear faults; see `faults.py` for their kinds."""
    waiting = host().world.faults
    if request.method == "DELETE":
        waiting.clear()
    if request.method == "POST":
        try:
            return jsonify(waiting.add(request.get_json(force=True, silent=True)))
        except ValueError as error:
            return make_response(jsonify({"error": str(error)}), 400)
    return jsonify(waiting.listed())


@blueprint.get("/records/<name>")
def records(name: str) -> Response:
    """All records of an object, deleted ones too, with every field; on an org's own port.

    `?id=` asks for one of them, `?fields=Id,IsDeleted` for some fields only.
    """
    org = host().org
    sobject = org.schema.get(name.lower()) if org else None
    if org is None or sobject is None:
        return make_response(jsonify({"error": f"no object {name} here"}), 404)
    only, asked = request.args.get("id"), request.args.get("fields")
    wanted = asked.split(",") if asked else [field.name for field in sobject.fields]
    fields = [field for field in sobject.fields if field.name in wanted]
    with org.space.lock:
        rows = [
            {field.name: read(org.space, sobject, field, row) for field in fields}
            for row in org.space.rows(sobject.name)
            if only is None or row.get("Id") == only
        ]
    return jsonify(rows)


@blueprint.post("/reset")
def reset() -> Response:
    """The first day again: on an org's port that org, on a login host everything."""
    here = host()
    if here.org:
        here.org.reset()
    else:
        here.world.reset()
    return jsonify({"reset": here.title})


@blueprint.post("/package")
def package_state() -> Response:
    """Install or remove the package without the page: `{"security": "all" | "admins" | null}`."""
    org = host().org
    asked = request.get_json(force=True, silent=True)
    security = asked.get("security") if isinstance(asked, dict) else ""
    if org is None or security not in ("all", "admins", None):
        text = "ask on an org's own port, with security all, admins or null"
        return make_response(jsonify({"error": text}), 400)
    if security is None:
        packaging.uninstall(org)
    else:
        packaging.install(org, package.VERSIONS[-1], security, org.config.users[0].user_id)
    return jsonify({"package": org.package})


@blueprint.route("/calls", methods=["GET", "POST"])
def calls() -> Response:
    """The API calls of this org since start or reset; `reports_ever`: questions about reports
    since the start, whatever was reset. `used` of `allowed` are those of the last 24 hours, others'
    included.

    `POST {"others": 900, "older_by": 3600}`: other programs make so many calls now, and then all
    calls so far become that many seconds older, so that the day's allowance comes back.
    `?list=no` leaves the list out.
    """
    org = host().org
    if org is None:
        return make_response(jsonify({"error": "ask on an org's own port"}), 404)
    if request.method == "POST":
        asked = request.get_json(force=True, silent=True)
        known = asked if isinstance(asked, dict) and set(asked) <= {"others", "older_by"} else {}
        numbers = [value for value in known.values() if type(value) in (int, float) and value >= 0]
        if not known or len(numbers) < len(known):
            text = "others and older_by (seconds) must be numbers from 0 up"
            return make_response(jsonify({"error": text}), 400)
        org.others_call(int(known.get("others", 0)))
        org.calls_age(known.get("older_by", 0))
    counts = dict(org.call_counts)
    return jsonify(
        {
            "total": org.own_calls,
            "used": org.calls_used,
            "allowed": org.config.daily_requests,
            "counts": counts,
            "calls": [] if request.args.get("list") == "no" else list(org.calls),
            "reports_ever": ASKED[org.base.key],
        }
    )


@blueprint.get("/configurations")
def configurations() -> Response:
    """Everything that can be laid on an org, and what lies on each."""
    listed = [
        {
            "name": one.name,
            "title": one.title,
            "group": one.group,
            "what": one.what,
            "expect": one.expect,
            "lasts": one.lasts,
            "sandbox_only": one.sandbox_only,
        }
        for one in known().values()
    ]
    orgs = [
        {
            "key": org.base.key,
            "title": org.base.title,
            "url": org.url,
            "port": port,
            "names": configure.names(org.space),
        }
        for port, org in host().world.orgs.items()
    ]
    return jsonify({"configurations": listed, "orgs": orgs})


@blueprint.route("/configuration", methods=["GET", "POST", "DELETE"])
def configuration() -> Response:
    """What lies on this org. `{"name": …}` adds one; DELETE takes away all, or `?name=` one.

    `{"org": …, "users": …}` lays on what no file has, under the name `own`.
    """
    org = host().org
    if org is None:
        return make_response(jsonify({"error": "ask on an org's own port"}), 404)
    try:
        if request.method == "POST":
            asked = request.get_json(force=True, silent=True)
            if not isinstance(asked, dict):
                raise CannotLayError("Send an object with a name, or with org and users.")
            if "name" in asked:
                laying.lay_on(current_app.extensions["signin"], org, str(asked["name"]))
            else:
                laying.lay_own(org, asked)
        if request.method == "DELETE":
            laying.take_away(org, request.args.get("name"))
    except CannotLayError as error:
        return make_response(jsonify({"error": str(error)}), 400)
    names = configure.names(org.space)
    return jsonify({"org": org.base.key, "names": names, "org_id": org.config.org_id})
