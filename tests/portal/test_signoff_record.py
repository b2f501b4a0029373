"""The record of a summary: verified offline, and readable whatever people are called."""

import datetime
import io
import json
import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest
import typst
from pypdf import PdfReader

from accounts.hashing import canonical_json, content_hash
from portal.models import Summary
from portal.signoff import printable as fonts
from portal.signoff.forecasting import signed_content
from portal.signoff.pdf import document_of
from portal.signoff.record import summary_json, summary_pdf
from portal.signoff.services import signature_content, summary_check, summary_freeze
from portal.signoff.verifying import COMMAND
from tests.factories import WaiverFactory
from tests.portal.signing import PRODUCTION, production_done, signed

LATER = datetime.datetime(2031, 3, 2, 10, tzinfo=datetime.UTC)
pytestmark = pytest.mark.django_db
MARKUP = '#panic("run") *b* $x$ `c` <a> @b \\ // "q" #let x = 1'


@pytest.fixture
def northwind(customer, admin_person):
    production_done(customer, admin_person)
    return customer


@pytest.fixture
def bare_fonts(monkeypatch):
    """A machine without fonts: only those that the typesetter brings."""
    bare = typst.Fonts(include_system_fonts=False)
    fonts._is_shown.cache_clear()
    monkeypatch.setattr(fonts, "fonts", lambda: bare)
    monkeypatch.setattr("portal.signoff.pdf.fonts", lambda: bare)
    yield
    fonts._is_shown.cache_clear()


def verified(record: bytes, tmp_path) -> str:
    """What the command in the record prints, run by any Python without our code."""
    (tmp_path / "record.json").write_bytes(record)
    script = COMMAND.removeprefix('python3 -c "').removesuffix('"')
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_rule_9_the_record_verifies_offline(northwind, admin_person, tmp_path):
    summary = signed(northwind, admin_person)

    assert verified(summary_json(Summary.objects.get(pk=summary.pk)), tmp_path) == "True"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda record: record["signed"]["content"]["settings"].update(lead_source="Gems"),
        lambda record: record["signed"]["forecast"]["outcomes"].update(leads=1),
        lambda record: record["signed"].update(cut_off="2027-01-01T00:00:00+00:00"),
        lambda record: record["signatures"][0].update(name="Somebody Else"),
        lambda record: record["signatures"][1].update(meaning="Nothing."),
        lambda record: record["signatures"][1].update(signed_hash="0" * 64),
    ],
)
def test_rule_9_a_record_that_was_changed_does_not_verify(
    northwind, admin_person, tmp_path, tamper
):
    record = json.loads(summary_json(signed(northwind, admin_person)))
    tamper(record)

    assert verified(json.dumps(record).encode(), tmp_path) == "False"


def test_rule_9_the_cut_off_is_signed(northwind, admin_person):
    """What was imported by then goes: another moment would be another batch."""
    summary = signed(northwind, admin_person)
    assert (
        signed_content(summary)["cut_off"] == summary.frozen_at.astimezone(datetime.UTC).isoformat()
    )
    assert content_hash(signed_content(summary)) == summary.signed_hash
    summary.frozen_at += datetime.timedelta(seconds=1)
    assert content_hash(signed_content(summary)) != summary.signed_hash


@pytest.mark.parametrize(
    "change",
    [
        {"side": "vendor"},
        {"name": "Somebody Else"},
        {"email": "else@northwind.example"},
        {"role": "Reviewer"},
        {"at": LATER},
        {"meaning": "Nothing."},
        {"signed_hash": "0" * 64},
        {"starts_at": LATER},
        {"ends_at": LATER},
        {"address": "192.0.2.99"},
        {"browser": "Another"},
    ],
    ids=str,
)
def test_rule_9_everything_that_a_signature_says_is_in_its_hash(northwind, admin_person, change):
    signature = signed(northwind, admin_person).signatures.get(side="customer")
    before = content_hash(signature_content(signature))
    for name, value in change.items():
        setattr(signature, name, value)
    assert content_hash(signature_content(signature)) != before


def test_rule_9_the_hash_of_each_signature_stands_in_the_log(northwind, admin_person):
    record = json.loads(summary_json(signed(northwind, admin_person)))

    logged = [one for one in record["events"] if one["action"] == "sign_off.signed"]
    assert {one["data"]["signature_hash"] for one in logged} == {
        one["signature_hash"] for one in record["signatures"]
    }
    assert all(one["hash"] for one in record["events"])


def test_the_record_is_canonical_and_the_same_again(northwind, admin_person):
    summary = signed(northwind, admin_person)
    record = summary_json(summary)

    assert record == canonical_json(json.loads(record)).encode()
    assert record == summary_json(Summary.objects.get(pk=summary.pk))
    assert summary_pdf(summary) == summary_pdf(Summary.objects.get(pk=summary.pk))


def test_the_window_is_hashed_as_it_is_stored(northwind, admin_person, tmp_path):
    """A form filled in in Tokyo says the same moment in other words."""
    now = datetime.datetime.now(ZoneInfo("Asia/Tokyo"))
    summary = signed(northwind, admin_person, starts_at=now + datetime.timedelta(hours=1))

    assert verified(summary_json(Summary.objects.get(pk=summary.pk)), tmp_path) == "True"


@pytest.mark.parametrize(
    "name",
    [
        "直樹 吉田",
        "Paweł Domińczak",
        "محمد العربي",
        "Zoë 😀 O’Hara",
        "ദേവിക",
        "\u202egro.live\u202c",
        "tab\there\x07",
        "W" * 150,
        MARKUP,
    ],
)
@pytest.mark.usefixtures("bare_fonts")
def test_every_name_comes_out_of_the_pdf(northwind, admin_person, name):
    summary = signed(northwind, admin_person)
    summary.signatures.filter(side="customer").update(name=name)
    northwind.name = summary.customer.name = name
    northwind.save()

    made = summary_pdf(summary)

    assert made.startswith(b"%PDF-")
    # Accessible: only with a glyph for every character.
    assert b"pdfuaid" in made


@pytest.mark.usefixtures("bare_fonts")
def test_a_character_without_a_font_is_spelt_and_explained(northwind, admin_person):
    summary = signed(northwind, admin_person)
    summary.signatures.filter(side="customer").update(name="直樹 Yoshida\u202e")

    shown = document_of(Summary.objects.get(pk=summary.pk))

    assert shown["signatures"][0]["name"] == "[U+76F4][U+6A39] Yoshida[U+202E]"
    assert "Unicode numbers" in shown["escaped"]


@pytest.mark.parametrize("character", ["\x00", "\ud800", "\u202e", "\ue000", "\U0010ffff"])
def test_what_nobody_can_see_is_spelt(character):
    assert fonts.printable(f"a{character}b") == (f"a[U+{ord(character):04X}]b", True)


@pytest.mark.usefixtures("bare_fonts")
def test_names_that_the_fonts_have_stay_as_they_are(northwind, admin_person):
    summary = signed(northwind, admin_person)
    names = "Paweł Domińczak · Ελένη · Жанна · שרה · محمد"
    summary.signatures.filter(side="customer").update(name=names)

    shown = document_of(Summary.objects.get(pk=summary.pk))

    assert shown["signatures"][0]["name"] == names
    assert shown["escaped"] == ""


def test_what_people_wrote_is_never_run(northwind, admin_person):
    """The typesetter's own language in a reason and a name is text like any other."""
    WaiverFactory(
        customer=northwind,
        step="production.mirror",
        epoch=northwind.connections.get(environment=PRODUCTION).epoch,
        by=northwind.implementation_manager,
        reason=MARKUP,
    )
    admin_person.full_name = MARKUP
    admin_person.save()
    summary = signed(northwind, admin_person)

    assert document_of(summary)["signatures"][0]["name"] == MARKUP
    assert summary_pdf(summary).startswith(b"%PDF-")


def test_an_unsigned_and_a_void_summary_say_so(northwind, admin_person):
    summary = summary_freeze(customer=northwind, by=admin_person)
    assert document_of(summary)["status"] == "Not complete: 2 signatures are missing."
    assert summary_pdf(summary).startswith(b"%PDF-")

    northwind.output_settings.lead_source = "Gems"
    northwind.output_settings.save()
    summary_check(northwind)
    shown = document_of(Summary.objects.get(pk=summary.pk))
    assert shown["status"].startswith("Void since ")
    assert shown["changes"] == ["Lead source: before “UserGems”, now “Gems”."]


def test_a_signature_shows_who_when_from_where(northwind, admin_person):
    summary = signed(northwind, admin_person, address="203.0.113.7", browser="Firefox 130")

    first = document_of(summary)["signatures"][0]
    rows = {row["label"]: row["value"] for row in first["rows"]}
    assert first["name"] == "Priya Shah"
    assert first["role"] == "Admin, Northwind Traders"
    assert rows["Signed"].endswith(" UTC")
    assert (rows["Address"], rows["Browser"]) == ("203.0.113.7", "Firefox 130")
    assert rows["Hash signed"] == summary.signed_hash


def test_the_pdf_numbers_its_pages(northwind, admin_person):
    pages = PdfReader(io.BytesIO(summary_pdf(signed(northwind, admin_person)))).pages

    text = "\n".join(page.extract_text() for page in pages)
    assert f"Page 1 of {len(pages)}" in text
    assert "For Northwind Traders I confirm that I have read this summary" in " ".join(text.split())
