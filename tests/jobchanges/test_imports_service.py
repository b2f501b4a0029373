"""Importing: what is written, what is not, and what the report says."""

import csv
import io
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Event
from jobchanges.imports.export import csv_safe
from jobchanges.imports.report import report_csv
from jobchanges.models import ImportRow, ImportRun, JobChange
from jobchanges.services.imports import ImportRefused, imports_read
from tests.jobchanges.import_files import COLUMNS, csv_file, row

pytestmark = pytest.mark.django_db
SHIPPED = Path(__file__).resolve().parents[2] / "portal" / "demo" / "data" / "job-changes.csv"


def read(customer, *rows, by=None, **form):
    content = csv_file(*rows, **form).encode()
    return imports_read(customer=customer, file_name="changes.csv", content=content, by=by)


def outcomes(run):
    return {item.line: (item.outcome, " ".join(item.reasons)) for item in run.rows.all()}


def test_new_rows_are_added_and_counted(customer):
    run = read(customer, row("jc-1"), row("jc-2", kind="nonsense"))
    assert (run.rows_total, run.rows_added, run.rows_rejected) == (2, 1, 1)
    added = JobChange.objects.get()
    assert (added.key, added.person_name) == ("jc-1", "Cathy Manning")
    assert added.detected_at.isoformat() == "2026-04-01T18:39:00+00:00"
    assert outcomes(run)[3] == (
        "rejected",
        "kind is “nonsense”; it can be joined, left or promotion.",
    )
    assert run.rows.get(line=2).job_change == added


def test_repeating_an_import_changes_nothing(customer):
    read(customer, row("jc-1"), row("jc-2"))
    before = list(JobChange.objects.values())
    run = read(customer, row("jc-2"), row("jc-1"))
    assert (run.rows_added, run.rows_unchanged) == (0, 2)
    assert list(JobChange.objects.values()) == before


def test_other_contents_under_a_known_id_are_reported_and_change_nothing(customer):
    read(customer, row("jc-1"))
    run = read(customer, row("jc-1", new_title="Chief"))
    assert run.rows_conflicting == 1
    assert JobChange.objects.get().new_title == "Director"
    assert "What is known was not changed." in outcomes(run)[2][1]


def test_an_id_twice_with_the_same_contents_is_added_once(customer):
    run = read(customer, row("jc-1"), row("jc-1"))
    assert (run.rows_added, run.rows_unchanged) == (1, 1)
    assert outcomes(run)[3] == ("unchanged", "The same as line 2.")


def test_an_id_twice_with_other_contents_is_rejected_wherever_it_stands(customer):
    run = read(customer, row("jc-1"), row("jc-1", new_title="Chief"), row("jc-2"))
    assert (run.rows_added, run.rows_rejected) == (1, 2)
    assert "Lines 2, 3 have the same id" in outcomes(run)[2][1]
    assert JobChange.objects.get().key == "jc-2"


def test_an_id_in_every_row_names_only_the_first_lines(customer):
    run = read(customer, *(row("jc-1", new_title=f"Chief {number}") for number in range(30)))
    assert run.rows_rejected == 30
    assert "Lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 … have" in outcomes(run)[31][1]


def test_ids_of_one_customer_say_nothing_about_another(customer, other_customer):
    read(customer, row("jc-1"))
    assert read(other_customer, row("jc-1", new_title="Chief")).rows_added == 1


def test_a_refused_file_writes_nothing(customer):
    columns = [name for name in COLUMNS if name != "kind"]
    with pytest.raises(ImportRefused):
        read(customer, row("jc-1"), columns=columns)
    assert not ImportRun.objects.exists()
    assert not JobChange.objects.exists()


def test_left_out_columns_are_remarked(customer):
    run = read(customer, {**row(), "Score": "7"}, columns=[*COLUMNS, "Score"])
    assert run.notes == ["Unknown columns were left out: Score."]


def test_the_event_tells_who_and_how_many_and_no_names(customer, manager):
    run = read(customer, row("jc-1"), by=manager)
    event = Event.objects.get(action="job_changes.imported")
    assert (event.actor, event.side) == (manager, "vendor")
    assert event.data["added"] == 1
    assert event.data["file_hash"] == run.file_hash
    assert "Manning" not in str(event.data)


def test_markup_comes_out_as_it_went_in(customer):
    read(customer, row("jc-1", last_name="<b>=1+1</b>"))
    assert JobChange.objects.get().last_name == "<b>=1+1</b>"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("+47 22", "'+47 22"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        (-1, "-1"),
        (None, ""),
        ("plain", "plain"),
    ],
)
def test_cells_a_spreadsheet_would_run_are_made_text(value, cell):
    assert csv_safe(value) == cell


def test_the_report_names_every_row_and_runs_no_formula(customer):
    run = read(customer, row("jc-1"), row("=cmd|'/c calc'!A1"))
    rows = list(csv.reader(io.StringIO(report_csv(run))))
    assert rows[0] == ["Line", "ID", "Outcome", "Reasons"]
    assert rows[1][:3] == ["2", "jc-1", "Added"]
    assert rows[2][1] == "'=cmd|'/c calc'!A1"


def test_the_command_prints_totals_and_every_row_that_was_not_added(customer, tmp_path):
    file, report, out = tmp_path / "changes.csv", tmp_path / "report.csv", StringIO()
    file.write_text(csv_file(row("jc-1"), row("jc-2", last_name="")), encoding="utf-8")
    call_command(
        "import_job_changes", str(file), customer="northwind", report=str(report), stdout=out
    )
    assert "line 3, jc-2: Rejected. last_name is empty." in out.getvalue()
    assert "2 rows: 1 added, 0 known already" in out.getvalue()
    assert "jc-1" not in out.getvalue()
    assert "Added" in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"customer": "nobody"}, "There is no customer “nobody”."),
        ({}, "The file is empty."),
    ],
)
def test_the_command_ends_with_two_when_the_file_is_refused(
    customer, tmp_path, arguments, sentence
):
    file = tmp_path / "changes.csv"
    file.write_bytes(b"")
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("import_job_changes", str(file), **{"customer": "northwind", **arguments})
    assert refused.value.returncode == 2


def test_the_shipped_file_is_taken_whole(customer):
    content = SHIPPED.read_bytes()
    run = imports_read(customer=customer, file_name=SHIPPED.name, content=content, by=None)
    assert run.rows_added == run.rows_total == 1772
    assert ImportRow.objects.filter(run=run).count() == 1772
