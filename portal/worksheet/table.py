"""The worksheet as a table: one line for each component and for each thing to do by hand."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from jobchanges.imports.export import csv_text
from portal.worksheet.parts import Part, Worksheet


def worksheet_csv(worksheet: Worksheet) -> str:
    """A CSV file. Cells that a spreadsheet would run are made safe."""
    header = [
        _("Part"),
        _("How"),
        _("Type"),
        _("Metadata type"),
        _("API name"),
        _("What to do"),
        _("In production"),
    ]
    return csv_text(header, [line for part in worksheet.parts for line in _lines(part)])


def _lines(part: Part) -> Iterator[list[str]]:
    into, by_hand = _("Into a change set"), _("By hand")
    for component in part.components:
        how = _("package.xml only") if component.tool_only else into
        if not component.names:
            yield [part.title, how, component.kind, component.metadata, "", component.note, ""]
        for one in component.names:
            yield [
                part.title,
                how,
                component.kind,
                component.metadata,
                one.name,
                component.note,
                _alike(one.alike),
            ]
    for line in part.by_hand:
        yield [part.title, by_hand, "", "", "", line.sentence, ""]


def _alike(alike: bool | None) -> str:
    if alike is None:
        return ""
    return _("as tested") if alike else _("missing or different")
