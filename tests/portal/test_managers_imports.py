"""Importing on the desk: upload, report, download."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from jobchanges.models import ImportRow, ImportRun, JobChange
from jobchanges.services.retention import imports_purge
from tests.factories import ImportRowFactory, ImportRunFactory

pytestmark = pytest.mark.django_db

ADD = "admin:jobchanges_importrun_add"


def upload(customer, content: bytes, name: str = "job-changes.csv") -> dict[str, object]:
    return {
        "customer": customer.pk if customer else "",
        "file": SimpleUploadedFile(name, content, content_type="text/csv"),
    }


@pytest.fixture
def shipped(settings) -> bytes:
    """The first lines of the file that comes with the demo."""
    path = settings.BASE_DIR / "portal" / "demo" / "data" / "job-changes.csv"
    return b"".join(path.read_bytes().splitlines(keepends=True)[:6])


def test_a_file_is_imported_and_every_row_reported(customer, manager, shipped, signed_in):
    answer = signed_in(manager).post(reverse(ADD), upload(customer, shipped), follow=True)
    page = answer.content.decode()
    assert JobChange.objects.filter(customer=customer).count() == 5
    assert "Import of job-changes.csv" in page
    assert 'Added <span class="num">5</span>' in page
    assert JobChange.objects.first().person_name in page


def test_rows_are_shown_by_outcome(customer, manager, signed_in):
    run = ImportRunFactory(customer=customer, rows_total=2, rows_added=1, rows_rejected=1)
    ImportRowFactory(run=run, line=2, key="good-one")
    ImportRowFactory(
        run=run, line=3, key="bad-one", outcome="rejected", reasons=["No last name was given."]
    )
    address = reverse("admin:jobchanges_importrun_change", args=[run.pk])
    page = signed_in(manager).get(address, {"outcome": "rejected"}).content.decode()
    assert "No last name was given." in page
    assert "good-one" not in page


def test_a_report_whose_rows_were_removed_says_so(customer, manager, signed_in):
    run = ImportRunFactory(customer=customer, rows_total=2, rows_added=2)
    ImportRowFactory(run=run, line=2, key="good-one")
    imports_purge(read_before=timezone.now())
    address = reverse("admin:jobchanges_importrun_change", args=[run.pk])
    page = signed_in(manager).get(address).content.decode()
    assert "The rows were removed 30 days after the import" in page
    assert "The counts stay, and so do the job changes themselves." in page
    assert 'Added <span class="num">2</span>' in page
    assert "Download the report" not in page


def test_an_import_without_rows_is_not_said_to_be_removed(customer, manager, signed_in):
    run = ImportRunFactory(customer=customer, rows_total=0)
    address = reverse("admin:jobchanges_importrun_change", args=[run.pk])
    assert "The rows were removed" not in signed_in(manager).get(address).content.decode()


def test_many_rows_are_paged_with_as_many_queries(
    customer, manager, signed_in, django_assert_max_num_queries
):
    run = ImportRunFactory(customer=customer, rows_total=150)
    address = reverse("admin:jobchanges_importrun_change", args=[run.pk])
    browser = signed_in(manager)
    ImportRowFactory(run=run, line=1)
    with django_assert_max_num_queries(20) as few:
        browser.get(address)
    ImportRow.objects.bulk_create(
        [ImportRow(run=run, line=line, outcome="added") for line in range(2, 151)]
    )
    with django_assert_max_num_queries(len(few)):
        page = browser.get(address).content.decode()
    assert "1 to 100 of 150" in " ".join(page.split())


def test_the_report_is_downloaded_with_formulas_made_harmless(customer, manager, signed_in):
    run = ImportRunFactory(customer=customer)
    ImportRowFactory(run=run, line=2, key="=cmd|' /C calc'!A0", outcome="rejected")
    answer = signed_in(manager).get(reverse("admin:jobchanges_importrun_report", args=[run.pk]))
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    assert "'=cmd" in answer.content.decode()


def test_markup_in_a_file_is_shown_as_words(customer, manager, signed_in):
    run = ImportRunFactory(customer=customer, file_name="<script>alert(1)</script>.csv")
    ImportRowFactory(run=run, key="<b>x</b>", outcome="rejected", reasons=["<i>why</i>"])
    address = reverse("admin:jobchanges_importrun_change", args=[run.pk])
    page = signed_in(manager).get(address).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert "<i>why</i>" not in page


def test_a_file_refused_as_a_whole_is_said_next_to_the_field(customer, manager, signed_in):
    answer = signed_in(manager).post(reverse(ADD), upload(customer, b""))
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_file_too_large_is_refused_before_it_is_read(
    customer, manager, shipped, signed_in, monkeypatch
):
    monkeypatch.setattr("portal.managers.imports.LARGEST_FILE", 10)
    answer = signed_in(manager).post(reverse(ADD), upload(customer, shipped))
    assert answer.status_code == 422
    assert not JobChange.objects.exists()


def test_nobody_imports_for_a_stranger_s_customer(other_customer, manager, shipped, signed_in):
    browser = signed_in(manager)
    assert "Contoso" not in browser.get(reverse(ADD)).content.decode()
    answer = browser.post(reverse(ADD), upload(other_customer, shipped))
    assert answer.status_code == 422
    assert not JobChange.objects.exists()


@pytest.mark.parametrize("page", ["change", "report"])
def test_a_stranger_s_report_is_not_found(other_customer, manager, signed_in, page):
    run = ImportRunFactory(customer=other_customer)
    address = reverse(f"admin:jobchanges_importrun_{page}", args=[run.pk])
    assert signed_in(manager).get(address).status_code == 404


def test_a_column_that_is_missing_is_named(customer, manager, signed_in):
    answer = signed_in(manager).post(reverse(ADD), upload(customer, b"id,name\n1,Dana\n"))
    assert answer.status_code == 422
    assert "column" in answer.content.decode().lower()
