"""Ugly files: what is read, what is refused, and in which words."""

import codecs

import pytest

from jobchanges.imports.reading import LARGEST_FILE, ImportRefused, file_read
from tests.jobchanges.import_files import COLUMNS, csv_file, row


def keys(content):
    return [read.cells["id"] for read in file_read(content).rows]


@pytest.mark.parametrize(
    ("encode", "named"),
    [
        (lambda text: text.encode(), "utf-8"),
        (lambda text: codecs.BOM_UTF8 + text.encode(), "utf-8"),
        (lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"), "utf-16"),
        (lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"), "utf-16"),
        (lambda text: text.encode("cp1252"), "windows-1252"),
    ],
)
def test_encodings(encode, named):
    read = file_read(encode(csv_file(row(last_name="Müller – Œuvre"))))
    assert read.encoding == named
    assert read.rows[0].cells["last_name"] == "Müller – Œuvre"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, line_end):
    content = csv_file(row("jc-1"), row("jc-2"), delimiter=delimiter, line_end=line_end)
    assert keys(content.encode()) == ["jc-1", "jc-2"]


def test_columns_in_any_order_case_and_spacing():
    columns = [name.upper().replace("_", " ") + " " for name in reversed(COLUMNS)]
    text = csv_file(row("jc-1"), columns=list(reversed(COLUMNS)), header=columns)
    assert keys(text.encode()) == ["jc-1"]


def test_a_quoted_line_break_belongs_to_its_cell_and_lines_are_counted_on():
    text = csv_file(row("jc-1", new_title="VP,\n\n Sales"), row("jc-2"))
    rows = file_read(text.encode()).rows
    assert rows[0].cells["new_title"] == "VP,\n\n Sales"
    assert [read.line for read in rows] == [2, 5]


def test_blank_lines_are_passed_over():
    text = csv_file(row("jc-1")).replace("\r\n", "\r\n\r\n,,,\r\n")
    assert keys(text.encode()) == ["jc-1"]


def test_a_spreadsheets_own_first_line_is_taken_for_what_it_is():
    text = "sep=;\r\n" + csv_file(row("jc-1"), delimiter=";")
    read = file_read(text.encode())
    assert [item.line for item in read.rows] == [3]


def test_unknown_columns_are_named_and_left_out():
    text = csv_file({**row("jc-1"), "Score": "7"}, columns=[*COLUMNS, "Score"])
    read = file_read(text.encode())
    assert read.unknown_columns == ["Score"]
    assert "score" not in read.rows[0].cells


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \r\n ", "The file is empty."),
        (codecs.BOM_UTF8, "The file is empty."),
        (b"PK\x03\x04rest", "This is a workbook or an archive"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "not readable text"),
        (codecs.BOM_UTF16_LE + b"a", "not readable text"),
        (bytes(range(256)) * 4, "not readable text"),
        (b"name,age\r\nx,1\r\n", "names none of the columns"),
        (",".join(COLUMNS).encode(), "a header but no rows"),
    ],
)
def test_files_refused_as_a_whole(content, sentence):
    with pytest.raises(ImportRefused, match=sentence):
        file_read(content)


def test_a_missing_column_is_named():
    columns = [name for name in COLUMNS if name != "detected_at"]
    with pytest.raises(ImportRefused, match="lacks a required column: detected_at"):
        file_read(csv_file(row(), columns=columns).encode())


def test_a_column_twice_is_named():
    with pytest.raises(ImportRefused, match="has a column twice: last_name"):
        file_read(csv_file(row(), columns=[*COLUMNS, "last_name"]).encode())


def test_quotation_marks_that_do_not_match_are_refused_with_their_line():
    text = csv_file(row("jc-1")) + '"jc-2,joined'
    with pytest.raises(ImportRefused, match="begins in line 3"):
        file_read(text.encode())


def test_a_file_with_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr("jobchanges.imports.reading.MOST_ROWS", 2)
    assert len(file_read(csv_file(row("jc-1"), row("jc-2")).encode()).rows) == 2
    with pytest.raises(ImportRefused, match="more than 2 rows"):
        file_read(csv_file(row("jc-1"), row("jc-2"), row("jc-3")).encode())


def test_a_file_too_large_is_refused():
    with pytest.raises(ImportRefused, match="larger than 20 MB"):
        file_read(b"a" * (LARGEST_FILE + 1))
