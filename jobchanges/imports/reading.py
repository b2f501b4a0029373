"""From the bytes of a file to rows of text: encoding, delimiter, line ends, header."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobchanges.imports.columns import COLUMNS, REQUIRED_COLUMNS

LARGEST_FILE = 20 * 1024 * 1024
# Every row becomes a row of the report, so short ones count, too.
MOST_ROWS = 100_000
DELIMITERS = (",", ";", "\t")
# Longest mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Spreadsheets say so in a first line of their own.
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\s*(?:\r\n|\r|\n|$)', re.IGNORECASE)
_LONGEST_CELL = 131_072


class ImportRefused(Exception):
    """The whole file is refused and nothing was written; the sentence says why."""


@dataclass(frozen=True)
class FileRow:
    """One row: the line it begins in, its cells by column, and cells beyond the header."""

    line: int
    cells: dict[str, str]
    extra: int = 0


@dataclass(frozen=True)
class FileRows:
    """What a file holds."""

    encoding: str
    rows: list[FileRow]
    unknown_columns: list[str]


def file_read(content: bytes) -> FileRows:
    """Read a delimited file of job changes, columns in any order. Raises ImportRefused."""
    if len(content) > LARGEST_FILE:
        raise ImportRefused(
            _("The file is larger than %(size)d MB. Split it and import the parts.")
            % {"size": LARGEST_FILE // 1024 // 1024}
        )
    text, encoding = _decode(content)
    if not text.strip():
        raise ImportRefused(_("The file is empty."))
    told = _SEPARATOR_LINE.match(text)
    skipped = 1 if told else 0
    if told:
        text = text[told.end() :]
        if not text.strip():
            raise ImportRefused(_("The file is empty."))
    delimiter = told.group(1) if told else _delimiter_of(text)
    return _rows(text, delimiter, encoding, skipped)


def _decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: by its mark, else UTF-8, else Windows-1252."""
    if content.startswith(b"PK\x03\x04"):
        raise ImportRefused(
            _("This is a workbook or an archive, not a CSV file. Save it as CSV and import that.")
        )
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    candidates = (encoding,) if encoding else ("utf-8", "cp1252")
    for candidate in candidates:
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if not _is_binary(text):
            return text, {"utf-8-sig": "utf-8", "cp1252": "windows-1252"}.get(candidate, candidate)
    raise ImportRefused(
        _("This file is not readable text. Save it as CSV in UTF-8 and import it again.")
    )


def _is_binary(text: str) -> bool:
    """Whether a text holds what no CSV file has: zero characters, or many control characters."""
    if "\0" in text:
        return True
    beginning = text[:10_000]
    odd = sum(
        1
        for character in beginning
        if unicodedata.category(character) == "Cc" and character not in "\t\r\n"
    )
    return odd * 100 > len(beginning)


def column_name(header: str) -> str:
    """A header cell as a column name: case, spaces and hyphens do not matter."""
    return re.sub(r"[\s\-_]+", "_", header.strip().strip("\ufeff").casefold()).strip("_")


def _delimiter_of(text: str) -> str:
    """The delimiter under which the first line names the most columns that we know."""

    def known(delimiter: str) -> int:
        header = _header(text, delimiter)
        return sum(1 for cell in header if column_name(cell) in COLUMNS)

    return max(DELIMITERS, key=known)


def _header(text: str, delimiter: str) -> list[str]:
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        if any(cell.strip() for cell in row):
            return row
    return []


def _rows(text: str, delimiter: str, encoding: str, skipped: int) -> FileRows:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    headers: list[str] = []
    rows: list[FileRow] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line + skipped, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                headers = [cell.strip() for cell in cells]
                names = _names(cells)
                continue
            found = {
                name: cell for name, cell in zip(names, cells, strict=False) if name in COLUMNS
            }
            if len(rows) == MOST_ROWS:
                raise ImportRefused(
                    _("The file has more than %(rows)d rows. Split it and import the parts.")
                    % {"rows": MOST_ROWS}
                )
            beyond = [cell for cell in cells[len(names) :] if cell.strip()]
            rows.append(FileRow(line=begins, cells=found, extra=len(beyond)))
    except csv.Error:
        raise ImportRefused(
            _(
                "The quotation marks do not match in the row that begins in line %(line)d, so "
                "its cells cannot be told apart. Correct it and import the file again."
            )
            % {"line": line + skipped}
        ) from None
    if not rows:
        raise ImportRefused(_("The file has a header but no rows."))
    unknown = [header for header, name in zip(headers, names, strict=True) if name not in COLUMNS]
    return FileRows(
        encoding=encoding, rows=rows, unknown_columns=[name for name in unknown if name]
    )


def _names(header: list[str]) -> list[str]:
    """The header as column names. Raises ImportRefused for missing and repeated columns."""
    names = [column_name(cell) for cell in header]
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    if len(missing) == len(REQUIRED_COLUMNS):
        raise ImportRefused(
            _("The first line names none of the columns of a job-change file: %(columns)s.")
            % {"columns": ", ".join(REQUIRED_COLUMNS)}
        )
    if missing:
        raise ImportRefused(
            _("The file lacks a required column: %(columns)s.") % {"columns": ", ".join(missing)}
        )
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        raise ImportRefused(
            _("The file has a column twice: %(columns)s.") % {"columns": ", ".join(twice)}
        )
    return names
