"""One field that is in both orgs: type, length, digits, values."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.checks.written import listed
from integrations.salesforce import setup_links
from integrations.salesforce.setup_links import setup_path
from integrations.snapshots.content import Facts
from integrations.snapshots.difference import Change, Difference, Grade
from integrations.snapshots.pairing import Pair, changed

KIND = "custom_fields"
# Describe's words to those of Object Manager.
_TYPES = {
    "string": "Text",
    "textarea": "Text Area",
    "boolean": "Checkbox",
    "reference": "Lookup",
    "double": "Number",
    "int": "Number",
    "datetime": "Date/Time",
    "multipicklist": "Picklist (Multi-Select)",
    "url": "URL",
}


def details_compare(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    """What differs in a field both sides can see."""
    if _type(then) != _type(now):
        yield _type_difference(pair, name, then, now)
        return
    if then["length"] != now["length"]:
        yield _length_difference(pair, name, then, now)
    if then["digits"] != now["digits"]:
        yield _digits_difference(pair, name, then, now)
    yield from _value_differences(pair, name, then, now)


def _type(facts: Facts) -> tuple[str, list[str]]:
    return facts["type"], facts["targets"]


def _type_word(facts: Facts) -> str:
    word = _TYPES.get(facts["type"], facts["type"].capitalize())
    return f"{word}({', '.join(facts['targets'])})" if facts["targets"] else word


def _common(pair: Pair, name: str, facts: Facts) -> dict[str, str]:
    return {"field": facts["label"], "object": pair.object_label(name.partition(".")[0])}


def _carried(name: str, facts: Facts) -> tuple[tuple[str, str], ...]:
    """A change set takes the customer's own fields; those of the package come with it."""
    return (("CustomField", name),) if facts["origin"] == "own" else ()


def _path(name: str) -> str:
    return setup_path(setup_links.FIELDS, name.partition(".")[0])


def _type_difference(pair: Pair, name: str, then: Facts, now: Facts) -> Difference:
    return pair.difference(
        KIND,
        f"{name}:type",
        Grade.BLOCKS if now["written"] or now["essential"] else Grade.CHANGES,
        Change.DIFFERENT,
        pair.say(
            _("%(field)s on %(object)s is %(type_then)s %(then)s, %(type_now)s %(now)s."),
            type_then=_type_word(then),
            type_now=_type_word(now),
            **_common(pair, name, now),
        ),
        fix=_(
            "Object Manager, %(object)s, Fields & Relationships, %(field)s: make it %(type)s. "
            "Where Salesforce does not allow that, and the field holds nothing yet, delete it and "
            "make it anew."
        )
        % {**_common(pair, name, now), "type": _type_word(then)},
        setup_path=_path(name),
        names=(name,),
        then=_type_word(then),
        now=_type_word(now),
        change_set=_carried(name, then),
    )


def _length_difference(pair: Pair, name: str, then: Facts, now: Facts) -> Difference:
    grade = Grade.COSMETIC
    if now["length"] < then["length"]:
        grade = Grade.BLOCKS if now["essential"] else Grade.CHANGES
    words = _("%(field)s on %(object)s holds %(less)d characters %(now)s, %(more)d %(then)s.")
    return pair.difference(
        KIND,
        f"{name}:length",
        grade,
        Change.DIFFERENT,
        pair.say(words, less=now["length"], more=then["length"], **_common(pair, name, now)),
        fix=_(
            "Object Manager, %(object)s, Fields & Relationships, %(field)s, Edit: length %(more)d."
        )
        % {**_common(pair, name, now), "more": then["length"]}
        if grade != Grade.COSMETIC
        else "",
        setup_path=_path(name),
        names=(name,),
        then=str(then["length"]),
        now=str(now["length"]),
        change_set=_carried(name, then) if grade != Grade.COSMETIC else (),
    )


def _digits_difference(pair: Pair, name: str, then: Facts, now: Facts) -> Difference:
    smaller = any(new < old for old, new in zip(then["digits"], now["digits"], strict=True))
    fewer = smaller and (now["written"] or now["origin"] == "own")
    return pair.difference(
        KIND,
        f"{name}:digits",
        Grade.CHANGES if fewer else Grade.COSMETIC,
        Change.DIFFERENT,
        pair.say(
            _("%(field)s on %(object)s holds numbers of %(old)s digits %(then)s, %(new)s %(now)s."),
            old=_digits(then),
            new=_digits(now),
            **_common(pair, name, now),
        ),
        fix=_(
            "Object Manager, %(object)s, Fields & Relationships, %(field)s, Edit: length and "
            "decimal places %(digits)s."
        )
        % {**_common(pair, name, now), "digits": _digits(then)}
        if fewer
        else "",
        setup_path=_path(name),
        names=(name,),
        then=_digits(then),
        now=_digits(now),
        change_set=_carried(name, then) if fewer else (),
    )


def _digits(facts: Facts) -> str:
    precision, scale = facts["digits"]
    return f"{precision - scale}.{scale}"


def _value_differences(pair: Pair, name: str, then: Facts, now: Facts) -> Iterator[Difference]:
    before, after = set(then.get("values", ())), set(now.get("values", ()))
    for change, values in ((Change.MISSING, before - after), (Change.EXTRA, after - before)):
        if not values:
            continue
        named = listed([f"“{value}”" for value in sorted(values)])
        missing = change == Change.MISSING
        said = {**_common(pair, name, now), "values": named}
        yield pair.difference(
            KIND,
            f"{name}:values",
            Grade.CHANGES if missing else Grade.COSMETIC,
            change,
            pair.say(
                _("%(field)s on %(object)s has %(values)s %(here)s, not %(there)s."),
                **said,
                **pair.side(change),
            ),
            fix=_(
                "Object Manager, %(object)s, Fields & Relationships, %(field)s: New values "
                "%(values)s."
            )
            % said
            if missing
            else "",
            setup_path=_path(name),
            names=(name, *sorted(values)),
            change_set=_carried(name, then) if missing else (),
        )
    # For a picklist that carries the lead source the chosen value says more (`values`).
    if "values" in then and "values" in now and then["restricted"] != now["restricted"]:
        yield _restricted_difference(pair, name, then, now)


def _restricted_difference(pair: Pair, name: str, then: Facts, now: Facts) -> Difference:
    stricter = now["restricted"] and now["written"]
    change = changed(then["restricted"], now["restricted"])
    return pair.difference(
        KIND,
        f"{name}:restricted",
        Grade.CHANGES if stricter else Grade.COSMETIC,
        change,
        pair.say(
            _("%(field)s on %(object)s takes only the values of its list %(here)s, any %(there)s."),
            **_common(pair, name, now),
            **pair.side(change),
        ),
        fix=_(
            "Object Manager, %(object)s, Fields & Relationships, %(field)s, Edit: untick "
            "“Restrict picklist to the values defined in the value set”."
        )
        % _common(pair, name, now)
        if stricter
        else "",
        setup_path=_path(name),
        names=(name,),
        change_set=_carried(name, then) if stricter else (),
    )
