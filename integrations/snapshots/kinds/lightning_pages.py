"""Lightning record pages: the component on them, Dynamic Forms, activation as the org default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.answers import PageFacts
from integrations.checks.survey_pages import MOST_PAGES
from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.asking import Taking
from integrations.snapshots.content import Content, Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.pairing import Pair, changed

KIND = "page_layouts"
# Shows the page layout's fields; a page without it shows only its own (platform reference, 4.6).
DETAILS = "force:detailPanel"


def pages_take(taking: Taking) -> Part | None:
    """Each record page by object and DeveloperName; None where pages cannot be read."""
    found = taking.ask(f"{KIND}.pages", lambda: taking.survey.record_pages)
    if found is None:
        return None
    pages = {f"{page.object_name}.{page.name}": _facts(taking, page) for page in found}
    if any(page["components"] and page["org_default"] is None for page in pages.values()):
        taking.cannot(f"{KIND}.activation")
    return pages


def _facts(taking: Taking, page: PageFacts) -> Facts:
    manifest = taking.manifest
    return {
        "label": page.label,
        "components": sorted(
            {
                name
                for name in page.components
                if manifest is not None
                and (name in manifest.components or name.startswith(f"{manifest.namespace}:"))
            }
        ),
        "dynamic": bool(page.fields) and DETAILS not in page.components,
        "fields": sorted({field for field in page.fields if taking.is_package(field)}),
        "org_default": page.org_default,
    }


def pages_compare(pair: Pair) -> Iterator[Difference]:
    """What differs in record pages that carry the component, or fields of the package."""
    for name, then, now in pair.entries(KIND, "pages"):
        if pair.may_be_unread(KIND, "pages", name, MOST_PAGES):
            continue
        components = (then.get("components", []), now.get("components", []))
        if components[0] != components[1]:
            yield _component(pair, name, then, now)
        elif components[0] and then and now:
            yield from _activation(pair, name, then, now)
        yield from _shown_fields(pair, name, then, now)


def pages_not_read(pair: Pair) -> list[str]:
    """Pages of ours on one side that the other may have among those that were not read."""
    return [
        _("Lightning page “%(page)s” of %(object)s") % _common(pair, name, then or now)
        for name, then, now in pair.entries(KIND, "pages")
        if (then or now)["components"] and pair.may_be_unread(KIND, "pages", name, MOST_PAGES)
    ]


def _common(pair: Pair, name: str, facts: Facts) -> dict[str, Any]:
    return {"page": facts["label"], "object": pair.object_label(name.partition(".")[0])}


def _carried(name: str) -> tuple[tuple[str, str], ...]:
    return (("FlexiPage", name.partition(".")[2]),)


def _path(name: str) -> str:
    return setup_path(setup_links.LIGHTNING_PAGES, name.partition(".")[0])


def _activate(pair: Pair, name: str, facts: Facts) -> str:
    return _(
        "Lightning App Builder, page “%(page)s” (%(object)s): Activation, Assign as Org Default, "
        "or assign it to the apps, record types and profiles of your reps."
    ) % _common(pair, name, facts)


def _component(pair: Pair, name: str, then: Facts, now: Facts) -> Difference:
    before, after = set(then.get("components", ())), set(now.get("components", ()))
    change = changed(before - after, after - before)
    missing = bool(before - after)
    words = _(
        "The Lightning page “%(page)s” of %(object)s carries the UserGems component "
        "%(here)s, not %(there)s."
    )
    fix = _(
        "Lightning App Builder, page “%(page)s”: drag the UserGems component onto it, Save, "
        "then activate it. Or take the page along in the change set."
    )
    if not (then and now):
        words = _(
            "The Lightning page “%(page)s” of %(object)s, with the UserGems component, is "
            "there %(here)s, not %(there)s."
        )
        fix = _(
            "Put the Lightning page into the change set, then activate it: a change set does not."
        )
    facts = now or then
    return pair.difference(
        KIND,
        f"{name}:component",
        Grade.CHANGES if missing else Grade.COSMETIC,
        change,
        pair.say(words, **_common(pair, name, facts), **pair.side(change)),
        fix=fix % _common(pair, name, facts) if missing else "",
        setup_path=_path(name),
        names=(name, *sorted(before ^ after)),
        change_set=_carried(name) if missing else (),
        by_hand=_activate(pair, name, facts) if missing else "",
    )


def _activation(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    active = (then["org_default"], now["org_default"])
    if None in active or active[0] == active[1]:
        return
    change = changed(*active)
    missing = change == Change.MISSING
    yield pair.difference(
        KIND,
        f"{name}:activation",
        Grade.CHANGES if missing else Grade.COSMETIC,
        change,
        pair.say(
            _(
                "The Lightning page “%(page)s” is the default for %(object)s %(here)s, not "
                "%(there)s: reps see another page unless it is assigned to their app or profile."
            ),
            **_common(pair, name, now),
            **pair.side(change),
        ),
        fix=_activate(pair, name, now) if missing else "",
        setup_path=_path(name),
        names=(name,),
        by_hand=_activate(pair, name, now) if missing else "",
    )


def _shown_fields(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    """Only where Dynamic Forms are used: else the page layout's fields are compared as such."""
    if not (then.get("dynamic") or now.get("dynamic")):
        return
    object_name = name.partition(".")[0]
    before = _shown(pair.then, object_name, then)
    after = _shown(pair.now, object_name, now)
    if before is None or after is None:
        return
    # A page with the component that one side lacks is told as that (`_component`).
    if not (then and now) and (then or now)["components"]:
        return
    for change, fields in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        kept = sorted(field for field in fields if not pair.is_gone(object_name, field))
        if not kept:
            continue
        missing = change == Change.MISSING
        facts = now or then
        yield pair.difference(
            KIND,
            f"{name}:fields",
            Grade.CHANGES if missing else Grade.COSMETIC,
            change,
            pair.say(
                _(
                    "The Lightning page “%(page)s” of %(object)s shows %(fields)s %(here)s, not "
                    "%(there)s. With Dynamic Forms a page shows its own fields, not those of the "
                    "page layout."
                ),
                fields=listed([pair.field_label(object_name, field) for field in kept]),
                **_common(pair, name, facts),
                **pair.side(change),
            ),
            fix=_(
                "Lightning App Builder, page “%(page)s”: Fields, drag the UG fields onto it, "
                "then Save."
            )
            % _common(pair, name, facts)
            if missing
            else "",
            setup_path=_path(name),
            names=tuple(kept),
            change_set=_carried(name) if missing else (),
        )


def _shown(content: Content, object_name: str, page: Facts) -> set[str] | None:
    """Package fields a rep sees on a page; None where they are those of unreadable layouts."""
    if not page:
        return set()
    if page["dynamic"]:
        return set(page["fields"])
    if content.is_unreadable(KIND, "layouts"):
        return None
    return {
        field
        for name, layout in content.part(KIND, "layouts").items()
        if name.partition(".")[0] == object_name
        for field in layout["fields"]
    }
