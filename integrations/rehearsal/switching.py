"""`/rehearsal/`: the page where a person lays configurations on an org and takes them away."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from integrations.rehearsal import laying
from integrations.rehearsal.configurations import GROUPS, Configuration, known
from integrations.rehearsal.host import host
from integrations.rehearsal.refreshing import CannotLayError
from integrations.rehearsal.world import Org

blueprint = Blueprint("switching", __name__)


@blueprint.get("/rehearsal/")
def page() -> Response:
    """An org's configurations; on a login host, the orgs behind it and what lies on each."""
    here = host()
    if here.org is None:
        text = render_template("switching_hosts.html", orgs=here.orgs, environment=here.environment)
        return make_response(text)
    return _page(here.org)


@blueprint.post("/rehearsal/")
def change() -> Response:
    """A button of the page: `do` is lay, take, clear or reset; `name` says which one."""
    org = host().org
    if org is None:
        return redirect("/rehearsal/", 303)
    name, wanted = request.form.get("name", ""), request.form.get("do", "")
    try:
        if wanted == "lay":
            laying.lay_on(current_app.extensions["signin"], org, name)
        elif wanted == "take":
            laying.take_away(org, name)
        elif wanted == "clear":
            laying.take_away(org)
        elif wanted == "reset":
            org.reset()
    except CannotLayError as error:
        return _page(org, problem=str(error))
    return redirect("/rehearsal/?" + urlencode({"did": wanted, "name": name}), 303)


def _page(org: Org, problem: str = "") -> Response:
    lying = org.configurations
    fitting = [one for one in known().values() if org.base.is_sandbox or not one.sandbox_only]
    fitting.sort(key=lambda one: (GROUPS.index(one.group), one.title))
    groups = [
        (group, [one for one in ones if one not in lying])
        for group, ones in groupby(fitting, key=lambda one: one.group)
    ]
    text = render_template(
        "switching.html",
        org=org,
        lying=lying,
        groups=[(group, ones) for group, ones in groups if ones],
        did=_did(org, request.args.get("did", ""), known().get(request.args.get("name", ""))),
        problem=problem,
    )
    return make_response(text, 400 if problem else 200)


def _did(org: Org, wanted: str, found: Configuration | None) -> str:
    """What the last button did, as a sentence."""
    if wanted in ("lay", "take") and found is None:
        return ""
    title = found.title if found else ""
    sentences = {
        "lay": f"“{title}” lies on this org now." if found and found.lasts else f"Done: {title}.",
        "take": f"“{title}” was taken away.",
        "clear": "All configurations were taken away.",
        "reset": f"{org.base.title} is as on the first day.",
    }
    return sentences.get(wanted, "")
