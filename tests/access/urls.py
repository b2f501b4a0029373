"""Every address that the site answers, under one stable label each."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from django.urls import URLPattern, URLResolver, get_resolver, reverse

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name with namespaces, else its route with a slash before it."""

    label: str
    route: str


def addresses(urlconf: ModuleType | None = None) -> list[Address]:
    """Every pattern of the site. A name that stands for two routes is told apart by the route."""
    found = list(_walk(get_resolver(urlconf)))
    times = Counter(name for name, _route in found if name)
    return [
        Address(name if times[name] == 1 else f"{name} {route}".strip(), route)
        for name, route in found
    ]


def _walk(
    resolver: URLResolver, namespaces: tuple[str, ...] = (), before: str = "/"
) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield ":".join([*namespaces, pattern.name]) if pattern.name else "", route
        else:
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, inside, route)


def path_of(label: str, arguments: Mapping[str, object]) -> str:
    """The path for a label: a name is reversed, a route is filled in."""
    if label.startswith("/"):
        return _PARAMETER.sub(lambda found: str(arguments[found[1]]), label)
    return reverse(label, kwargs=dict(arguments))
