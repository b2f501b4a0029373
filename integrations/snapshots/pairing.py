"""Two contents side by side, with the words for each side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from integrations.checks.base import Who
from integrations.snapshots.content import Content, Facts, Part
from integrations.snapshots.difference import Change, Difference, Grade

_NOTHING: Facts = {}


class Pair:
    """What was tested (`then`) and what is looked at (`now`).

    Of two orgs, or of one org at two times: the words for both sides follow from that.
    """

    def __init__(self, then: Content, now: Content) -> None:
        self.then = then
        self.now = now
        self.is_drift = then.environment == now.environment
        if self.is_drift:
            self.words = {"then": _("when it was tested"), "now": _("now")}
        else:
            self.words = {"then": _place(then), "now": _place(now)}

    def part(self, kind: str, part: str) -> tuple[Part, Part]:
        """That part of both; nothing of either where one of them could not be read."""
        if self.then.is_unreadable(kind, part) or self.now.is_unreadable(kind, part):
            return {}, {}
        return self.then.part(kind, part), self.now.part(kind, part)

    def entries(self, kind: str, part: str) -> Iterator[tuple[str, Facts, Facts]]:
        """Each entry of either side, in order; empty facts where a side has none."""
        then, now = self.part(kind, part)
        for name in sorted({*then, *now}):
            yield name, then.get(name, _NOTHING), now.get(name, _NOTHING)

    def in_both(self, kind: str, part: str) -> Iterator[tuple[str, Facts, Facts]]:
        """Entries that were taken on both sides."""
        then, now = self.part(kind, part)
        for name in sorted({*then} & {*now}):
            yield name, then[name], now[name]

    def may_be_unread(self, kind: str, part: str, name: str, most: int) -> bool:
        """Whether a side that does not tell of a layout or page may still have it: of an object
        only so many are read (`survey_pages`).
        """
        prefix = name.partition(".")[0] + "."
        return any(
            name not in side and sum(one.startswith(prefix) for one in side) >= most
            for side in self.part(kind, part)
        )

    def is_gone(self, object_name: str, field: str) -> bool:
        """Whether a field is not there (or cannot be told) on one side: a difference of its own,
        so that no other kind repeats it.
        """
        name = f"{object_name}.{field}"
        sides = self.part("custom_fields", "fields")
        return not all(side.get(name, {"there": True})["there"] for side in sides)

    def object_label(self, name: str) -> str:
        """An object as people call it."""
        return self.now.labels.get(name) or self.then.labels.get(name) or name

    def field_label(self, object_name: str, field: str) -> str:
        """A field as people call it; its API name where neither side shows it."""
        name = f"{object_name}.{field}"
        for side in (self.now, self.then):
            found = side.part("custom_fields", "fields").get(name)
            if found and not found["hidden"]:
                return str(found["label"])
        return field

    @property
    def package_object(self) -> str:
        """The API name of the package's object."""
        return self.now.package_object or self.then.package_object

    def goes_with_package(self, name: str) -> bool:
        """Whether a name is the package's while only one side has the package: told once."""
        prefix = self.package_object.partition("__")[0] + "__"
        return self.then.package != self.now.package and name.startswith(prefix)

    def say(self, words: str, **values: Any) -> str:
        """A sentence; `%(then)s` and `%(now)s` are the two sides."""
        return words % {**self.words, **values}

    def side(self, change: Change) -> dict[str, str]:
        """Where something is (`here`) and where it is not (`there`)."""
        then, now = self.words["then"], self.words["now"]
        extra = change == Change.EXTRA
        return {"here": now if extra else then, "there": then if extra else now}

    def difference(
        self,
        kind: str,
        key: str,
        grade: Grade,
        change: Change,
        sentence: str,
        *,
        fix: str = "",
        who: str = Who.ADMINISTRATOR,
        **details: Any,
    ) -> Difference:
        """With a key that says what it is, and a fix for the side looked at now.

        What only that side has does no harm: nothing has to be done about it.
        """
        return Difference(
            kind=kind,
            key=f"{key}:{change}",
            grade=grade,
            change=change,
            sentence=sentence,
            fix=self._fix(fix),
            who=who if fix else Who.NOBODY,
            **details,
        )

    def _fix(self, fix: str) -> str:
        if not fix or not self.is_drift:
            return fix
        return _("If it was meant, test again or accept it with a reason. To set it back: ") + fix


def _place(content: Content) -> str:
    return _("in the sandbox") if content.environment == "sandbox" else _("in production")


def changed(then: Any, now: Any) -> Change:
    """How something differs that one side may lack."""
    if then and not now:
        return Change.MISSING
    return Change.EXTRA if now and not then else Change.DIFFERENT
