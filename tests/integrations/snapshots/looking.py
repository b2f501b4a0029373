"""Two hand-made orgs, and what is said of their differences."""

from collections.abc import Sequence
from typing import Any

from integrations.checks.base import CheckContext
from integrations.snapshots.comparison import Difference, compare
from integrations.snapshots.content import Content
from integrations.snapshots.taking import content_of
from tests.integrations.checks.surveys import a_context, healthy


def sandbox(context: CheckContext | None = None, **answers: Any) -> Content:
    """A sandbox, healthy but for these answers."""
    return content_of(healthy("sandbox", **answers), context or a_context("sandbox"))


def production(context: CheckContext | None = None, **answers: Any) -> Content:
    """A production, healthy but for these answers."""
    return content_of(healthy("production", **answers), context or a_context("production"))


def only(differences: Sequence[Difference]) -> Difference:
    """The one there is."""
    assert len(differences) == 1, [one.sentence for one in differences]
    return differences[0]


def in_production(context: CheckContext | None = None, **answers: Any) -> Difference:
    """The one difference of a production like this from a healthy sandbox."""
    return only(compare(sandbox(), production(context, **answers)))


def in_sandbox(context: CheckContext | None = None, **answers: Any) -> Difference:
    """The one difference of a healthy production from a sandbox like this."""
    return only(compare(sandbox(context, **answers), production()))
