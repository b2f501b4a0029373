"""The table of errors in the docs is what the portal says."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from integrations.error_table import error_table
from integrations.oauth.problems import PROBLEMS
from integrations.salesforce.messages import MESSAGES
from tests.salesforce.platform_codes import CALLS, NEIGHBOURS, RECORDS

DOC = Path(settings.BASE_DIR) / "docs" / "errors.md"


def test_the_file_is_up_to_date():
    assert DOC.read_text(encoding="utf-8") == error_table(), "run manage.py error_table --write"


def test_it_names_every_code_that_we_know_and_every_problem_of_signing_in():
    table = error_table()
    for code in [*MESSAGES, *PROBLEMS]:
        assert f"| `{code}`" in table


def test_it_names_every_code_of_the_platform_reference():
    table = error_table()
    families = ("SOMETHING_NOBODY_KNOWS", "CANNOT_DO_SOMETHING_NEW", "INVALID_DATE_SOMETHING_ELSE")
    for row in (*CALLS, *RECORDS, *NEIGHBOURS):
        assert f"`{row.code}`" in table or row.code in families


def test_every_row_has_as_many_cells_as_its_head():
    cells = 0
    for line in error_table().splitlines():
        if not line.startswith("|"):
            cells = 0
            continue
        count = line.replace("\\|", "").count("|")
        assert count == (cells or count)
        cells = count


def test_the_command_prints_it(capsys):
    call_command("error_table")
    assert capsys.readouterr().out == error_table()
