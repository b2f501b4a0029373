"""The evidence pack: true as made, and found out wherever one value of it is changed."""

import ast
import copy
import gzip
import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import verify_evidence as script
from accounts.models import Event
from accounts.services import event_record
from jobchanges.models import JobChange
from jobchanges.reconcile import ReconcileError
from jobchanges.services.erasing import person_erase
from portal.evidence import going_live, making
from portal.evidence.content import pack_bytes, pack_content
from portal.evidence.document import pack_document
from portal.evidence.plain import sealed
from portal.models import EvidenceFile, EvidencePack
from tests.portal import evidence_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def org_is_away(monkeypatch):
    """Packs ask the production org, which is nowhere here."""

    def away(customer):
        raise ReconcileError("The org did not answer.")

    monkeypatch.setattr(going_live, "reconcile", away)


@pytest.fixture
def batch(customer, admin_person):
    return evidence_world.live(customer, admin_person)


@pytest.fixture(scope="module")
def kept():
    """One pack as bytes: once it is made, it needs no world."""
    return []


@pytest.fixture
def pack(request, kept):
    if not kept:
        batch, person = (request.getfixturevalue(name) for name in ("batch", "admin_person"))
        kept.append(pack_bytes(pack_content(batch.customer, by=person, at=timezone.now())))
    return json.loads(kept[0])


@pytest.fixture
def made(batch, admin_person, monkeypatch):
    """A pack as people get it, with its files; typesetting has its own tests."""
    monkeypatch.setattr(making, "pack_pdf", lambda *_given: b"%PDF-1.7 typeset")
    asked = making.pack_ask(customer=batch.customer, side="customer", by=admin_person)
    assert making.pack_make(asked.pk)
    asked.refresh_from_db()
    return asked


def found(pack: Any) -> list[str]:
    """The places that the program names."""
    return [where for where, _words in script.verify(pack_bytes(pack))]


# --- changed values ------------------------------------------------------------------------------


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value that is no object or list, and to every empty one."""
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    below = [way for key, one in inside for way in places(one, (*path, key))]
    return below or [path]


def changed(pack: Any, way: tuple[Any, ...], how: Any) -> Any:
    """A copy with another value there."""
    copied = copy.deepcopy(pack)
    holder = copied
    for step in way[:-1]:
        holder = holder[step]
    old = holder[way[-1]]
    holder[way[-1]] = how if how != old or type(how) is not type(old) else [how]
    return copied


def named(pack: Any, way: tuple[Any, ...]) -> str:
    """The innermost object with a hash on the way, or the event, as the program names it."""
    if way[0] == "events":
        return f"event {pack['events'][way[1]]['sequence']}"
    name, deepest, holder = "", "the file as a whole", pack
    for step in way:
        holder = holder[step]
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
        if isinstance(holder, dict) and script.SEAL in holder:
            deepest = name
    return deepest


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=4), st.just({}), st.just([])
)


def test_a_value_changed_anywhere_is_named(pack):
    ways = [way for way in places(pack) if way != ("format",)]

    @settings(
        max_examples=100,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(ways), VALUES)
    def prove(way, how):
        other = changed(pack, way, how)
        said = found(other)
        # A hash that was changed is also missed by whoever holds it: the object above says so.
        wanted = named(pack, way)
        if way[0] == "events" and way[-1] == "sequence":
            assert any(one.startswith("event") for one in said), way
        else:
            assert wanted in said, (way, how, said)

    prove()


def test_a_pack_as_made_verifies(pack):
    assert script.verify(pack_bytes(pack)) == []
    assert pack["batches"][0]["counts"]["total"] == 55
    assert pack["reconciliation"]["tried"]["total"] == 5


def test_any_other_byte_is_found(pack):
    content = pack_bytes(pack)
    printed = script.sha256(content)
    # Bytes that change no meaning: a space, another order, an escape that reads the same.
    for other in (
        content.replace(b'{"', b'{ "', 1),
        content + b"\n",
        content.replace(b"Northwind", b"\\u004eorthwind", 1),
    ):
        assert ("the file as a whole", "Its SHA-256 is not the one that you gave.") in (
            script.verify(other, printed)
        )
        assert any(where.startswith("byte") for where, _words in script.verify(other))
    with pytest.raises(script.Unreadable, match="column"):
        script.verify(content[:-1])
    with pytest.raises(script.Unreadable, match="stands twice"):
        script.verify(content.replace(b'{"allowances"', b'{"format":1,"allowances"', 1))


def test_events_that_were_tampered_with_are_named_by_number(pack):
    last = pack["events"][-1]["sequence"]

    def tampered(how):
        other = copy.deepcopy(pack)
        how(other["events"])
        return found(other)

    assert "event 4" in tampered(lambda all_: all_[3]["data"].update(content_hash="0" * 64))
    assert "event 5" in tampered(lambda all_: all_.pop(3))
    assert "event 5" in tampered(lambda all_: all_.insert(4, {**all_[3], "sequence": 5}))
    assert "event 5" in tampered(lambda all_: all_.insert(3, all_.pop(4)))
    assert f"event {last}" in tampered(lambda all_: all_.pop())
    assert "events[3]" in tampered(lambda all_: all_.insert(3, {"hash": all_.pop(3)["hash"]}))


def test_whoever_also_mends_the_hash_of_the_object_is_found_one_object_further_out(pack):
    """All hashes recomputed up to the file: then only the one printed in the PDF tells."""
    printed = script.sha256(pack_bytes(pack))
    job_change = pack["batches"][0]["job_changes"][0]
    job_change["person"] = "Somebody Else"
    job_change["sha256"] = script.seal_of(job_change)
    assert found(pack) == ["batches[0]"]
    pack["batches"][0]["sha256"] = script.seal_of(pack["batches"][0])
    pack["sha256"] = script.seal_of(pack)
    assert found(pack) == []
    assert [where for where, _words in script.verify(pack_bytes(pack), printed)] == [
        "the file as a whole"
    ]


def mended(pack: dict[str, Any]) -> dict[str, Any]:
    """With all hashes of objects made to fit again, as a forger would."""

    def mend(value: Any) -> Any:
        if isinstance(value, dict):
            inside = {key: mend(one) for key, one in value.items()}
            return sealed(inside) if script.SEAL in value else inside
        return [mend(one) for one in value] if isinstance(value, list) else value

    return mend({**pack, "events": pack["events"]})


def agreed_anew(given: dict[str, Any], content: Any) -> None:
    given.update(content=content, content_sha256=script.hash_of(content))


def tried_less(tried: dict[str, Any]) -> None:
    tried["job_changes"].pop()
    tried["total"] -= 1


def test_a_forger_who_mends_every_hash_is_found_by_what_people_agreed_to(pack):
    signed = [e["sequence"] for e in pack["events"] if e["action"] == "sign_off.signed"]
    last = pack["summaries"][0]["signatures"][-1]["content_sha256"]
    by_hash = {e["data"].get("signature_hash"): e["sequence"] for e in pack["events"]}
    assert by_hash[last] in signed
    for forge, wanted in (
        (lambda p: p["summaries"][0]["signed"]["forecast"].update(total=1), "summaries[0]"),
        (
            lambda p: p["summaries"][0]["signatures"][0]["content"].update(name="Eve"),
            "summaries[0].signatures[0]",
        ),
        (lambda p: p["summaries"][0]["signatures"].pop(), f"event {by_hash[last]}"),
        (lambda p: p["allowances"][0]["content"].update(org="x"), "allowances[0] (allowance)"),
        (lambda p: p["said"][0].update(content="Else"), "said[0] (confirmation)"),
        (
            lambda p: p["tests"][0]["approvals"][0]["content"].update(number=9),
            "tests[0].approvals[0] (approval)",
        ),
        # Another content with its own hash: nobody agreed to that one, and no event has it.
        (lambda p: agreed_anew(p["allowances"][0], {"org": "x"}), "allowances[0] (allowance)"),
        (
            lambda p: p["summaries"][0].update(signed={}, signed_sha256=script.hash_of({})),
            "summaries[0].signatures[0]",
        ),
        (
            lambda p: agreed_anew(
                p["summaries"][0]["signatures"][0],
                {**p["summaries"][0]["signatures"][0]["content"], "name": "Eve"},
            ),
            "summaries[0].signatures[0]",
        ),
        (lambda p: p["batches"][0]["counts"].update(total=99), "batches[0].counts"),
        (lambda p: p["reconciliation"]["tried"].update(total=99), "reconciliation.tried"),
        (lambda p: tried_less(p["reconciliation"]["tried"]), "reconciliation.tried"),
        (
            lambda p: p["reconciliation"]["tried"]["job_changes"][0].update(production="held"),
            "reconciliation.tried",
        ),
        (lambda p: p["batches"][0]["job_changes"].pop(), "batches[0].counts"),
        (lambda p: p["batches"][0]["counts"].update(created=1), "batches[0].counts"),
        (
            lambda p: p["reconciliation"]["tried"]["job_changes"][0].update(production="missing"),
            "reconciliation.tried",
        ),
    ):
        forged = copy.deepcopy(pack)
        forge(forged)
        assert wanted in found(mended(forged))


def chained(pack: Any, events: list[Any]) -> list[str]:
    """What is found where somebody hashed a whole chain of these events anew."""
    log: list[Any] = []
    for event in events:
        previous = log[-1]["hash"] if log else ""
        content = {"previous_hash": previous, **event}
        log.append(content | {"hash": script.hash_of(content)})
    chain = sealed({"events": len(log), "hash": log[-1]["hash"]})
    return found(mended({**pack, "events": log, "chain": chain}))


def test_a_forger_who_hashes_the_whole_chain_anew_is_found_by_the_order_of_events(pack):
    events = [
        {key: value for key, value in one.items() if key not in ("hash", "previous_hash")}
        for one in pack["events"]
    ]
    assert chained(pack, events) == []
    assert "event 3" in chained(pack, [*events[:1], *events[2:]])
    for wrong in ({"customer": 999}, {"previous_hash": "0" * 64}):
        assert "event 4" in chained(pack, [*events[:3], {**events[3], **wrong}, *events[4:]])
    last = events[-1]["sequence"]

    def more(*actions):
        return [
            *events,
            *(
                {**events[-1], "sequence": last + at, "action": action, "data": data}
                for at, action in enumerate(actions, start=1)
            ),
        ]

    # What was approved and withdrawn need not be shown; approved once more, it has to be.
    data = {"content_hash": "e" * 64}
    approved, withdrawn = "test_run.side_approved", "test_run.approval_withdrawn"
    assert chained(pack, more(approved, withdrawn)) == []
    assert chained(pack, more(approved, withdrawn, approved)) == [f"event {last + 3}"]


def test_values_count_as_removed_only_where_an_event_after_it_says_so(pack):
    given = pack["allowances"][0]
    given.update(content={}, removed=True)
    assert "allowances[0] (allowance)" in found(mended(pack))
    before = copy.deepcopy(pack)
    for event in before["events"]:
        if event["sequence"] < given["in_event"]:
            event["action"] = "job_changes.erased"
    assert "allowances[0] (allowance)" in found(mended(before))


# --- the program by itself -----------------------------------------------------------------------


def test_the_program_is_one_file_for_any_python_from_3_8(pack, tmp_path):
    source = Path(script.__file__)
    tree = ast.parse(source.read_text(), feature_version=(3, 8))
    asked = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert asked <= {*sys.stdlib_module_names, "__future__"}
    file = tmp_path / "evidence.json"
    file.write_bytes(pack_bytes(pack))
    alone = [sys.executable, "-I", str(source), str(file)]
    right = subprocess.run([*alone, "--sha256", script.sha256(file.read_bytes())], capture_output=1)
    assert right.returncode == 0, right.stdout
    assert b"Everything holds" in right.stdout
    other = tmp_path / "theirs.json"
    pack["customer"]["plan"] = "free"
    other.write_bytes(pack_bytes(pack))
    wrong = subprocess.run([*alone, "--against", str(other)], capture_output=True)
    assert wrong.returncode == 1
    assert b"DIFFERS  customer.plan: 'enterprise' and 'free'" in wrong.stdout


def test_docs_hand_out_the_program_as_it_is():
    copied = Path(__file__).parents[2] / "docs" / "evidence" / "verify_evidence.py"
    assert copied.read_bytes() == Path(script.__file__).read_bytes()


# --- what is in it -------------------------------------------------------------------------------


def test_no_token_and_no_internal_note_is_in_a_pack(batch):
    from accounts.models import CustomerNote
    from integrations.models import Connection

    Connection.objects.filter(customer=batch.customer).update(
        access_token="00D-access-secret", refresh_token="5Aep-refresh-secret"
    )
    CustomerNote.objects.create(
        customer=batch.customer, author=batch.customer.implementation_manager, text="Hard bargain."
    )
    text = pack_bytes(pack_content(batch.customer, by=None, at=timezone.now())).decode()
    assert "secret" not in text
    assert "bargain" not in text
    assert "Northwind uses no leads in the sandbox." in text


def test_the_pdf_shows_what_the_json_holds(pack):
    document = json.dumps(pack_document(pack, "ab" * 32), ensure_ascii=False)
    for words in (
        "ab" * 32,
        pack["chain"]["hash"],
        "Northwind uses no leads in the sandbox.",
        "VP of Sales",
        "Dana Fields (005000000000001AAA)",
        "Industry is required on new accounts.",
        pack["summaries"][0]["signed_sha256"],
        "Priya Shah",
        "def seals_verify",
    ):
        assert words in document, words


# --- made, kept, compared ------------------------------------------------------------------------


def test_a_made_pack_is_the_same_bytes_each_time_and_in_the_log(made):
    content = making.pack_file(made, "json")
    assert script.verify(content, made.json_sha256) == []
    assert making.pack_file(made, "json") == content
    assert making.pack_file(made, "pdf").startswith(b"%PDF")
    event = Event.objects.get(customer=made.customer, action="evidence.made")
    assert event.data["json_sha256"] == made.json_sha256
    assert event.data["head"] == made.head_hash


def test_asking_again_gives_the_same_pack_until_something_happens(made, admin_person):
    ask = {"customer": made.customer, "side": "customer", "by": admin_person}
    assert making.pack_ask(**ask) == made
    with_event(made, "customer.changed")
    other = making.pack_ask(**ask)
    assert other != made
    assert making.pack_ask(**ask) == other


def with_event(pack: EvidencePack, action: str) -> None:
    event_record(customer=pack.customer, action=action, by=None, side="system")


def test_a_second_worker_makes_nothing(batch):
    asked = making.pack_ask(customer=batch.customer, side="vendor", by=None)
    EvidencePack.objects.filter(pk=asked.pk).update(
        claimed_until=timezone.now() + making.CLAIM, asked_at=timezone.now() - making.CLAIM
    )
    assert not making.pack_make(asked.pk)
    assert making.packs_left() == []
    EvidencePack.objects.filter(pk=asked.pk).update(claimed_until=timezone.now())
    assert making.packs_left() == [asked.pk]


def test_what_goes_wrong_is_said_and_can_be_asked_for_again(batch, monkeypatch):
    monkeypatch.setattr(making, "pack_content", lambda *_args, **_named: 1 / 0)
    asked = making.pack_ask(customer=batch.customer, side="vendor", by=None)
    assert not making.pack_make(asked.pk)
    asked.refresh_from_db()
    assert "We were told" in asked.error
    assert making.pack_ask(customer=batch.customer, side="vendor", by=None) != asked


def test_a_worker_taken_for_dead_leaves_it_to_the_other(batch, monkeypatch):
    asked = making.pack_ask(customer=batch.customer, side="vendor", by=None)
    monkeypatch.setattr(making, "pack_pdf", lambda *_given: b"%PDF-1.7 typeset")

    def late(*given, **named):
        other = timezone.now() + 2 * making.CLAIM
        EvidencePack.objects.filter(pk=asked.pk).update(claimed_until=other)
        return pack_content(*given, **named)

    def late_and_wrong(*given, **named):
        return late(*given, **named) and 1 / 0

    for worker in (late, late_and_wrong):
        EvidencePack.objects.filter(pk=asked.pk).update(claimed_until=None)
        monkeypatch.setattr(making, "pack_content", worker)
        assert not making.pack_make(asked.pk)
        asked.refresh_from_db()
        assert asked.is_being_made
        assert (asked.error, EvidenceFile.objects.count()) == ("", 0)


def test_erasing_a_person_takes_the_files_of_earlier_packs_and_leaves_their_hashes(made):
    one = JobChange.objects.filter(customer=made.customer).first()
    call_command("erase_person", customer=made.customer.slug, email=one.new_email)
    made.refresh_from_db()
    assert not made.is_kept
    assert not EvidenceFile.objects.exists()
    assert made.json_sha256
    pack = pack_content(made.customer, by=None, at=timezone.now())
    assert script.verify(pack_bytes(pack)) == []
    assert one.last_name not in json.dumps(pack["tests"], ensure_ascii=False)


def test_a_person_erased_while_a_pack_is_made_is_in_no_file_of_it(batch, monkeypatch):
    asked = making.pack_ask(customer=batch.customer, side="vendor", by=None, wake=False)
    erased = partial(with_event, asked, "job_changes.erased")
    monkeypatch.setattr(making, "pack_pdf", lambda *_given: erased() or b"%PDF-1.7 typeset")
    assert not making.pack_make(asked.pk)
    asked.refresh_from_db()
    assert asked.is_being_made
    assert not asked.files.exists()
    monkeypatch.setattr(making, "pack_pdf", lambda *_given: b"%PDF-1.7 typeset")
    assert making.pack_make(asked.pk), "the sweep makes it anew, without them"


def test_values_removed_without_an_event_that_says_so_are_found(batch):
    run = batch.customer.test_runs.order_by("created_at").first()
    approval = run.approvals.order_by("at", "pk").first()
    approval.content = {"emptied": True}
    approval.save(update_fields=["content"])
    pack = pack_content(batch.customer, by=None, at=timezone.now())
    assert "tests[0].approvals[0] (approval)" in found(pack)
    with_event(EvidencePack(customer=batch.customer), "ledger.values_removed")
    assert found(pack_content(batch.customer, by=None, at=timezone.now())) == []


def test_events_verify_compares_a_pack_with_the_database(made, tmp_path, capsys):
    file = tmp_path / "evidence.json"
    file.write_bytes(making.pack_file(made, "json"))
    call_command("events_verify", pack=file)
    assert "is what was made from this database" in capsys.readouterr().out
    # The newest events are cut off, which the chain by itself cannot tell.
    cut = Event.objects.filter(customer=made.customer, sequence__gte=made.head_sequence)
    cut._raw_delete(cut.db)
    with pytest.raises(CommandError):
        call_command("events_verify", pack=file)
    said = capsys.readouterr().out
    assert f"FAILED  event {made.head_sequence}: The database does not have it" in said


def test_one_command_writes_the_pack_with_its_program(batch, tmp_path, capsys):
    call_command("evidence_pack", customer=batch.customer.slug, folder=tmp_path)
    assert "Everything holds." in capsys.readouterr().out
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "evidence.json",
        "evidence.pdf",
        "verify_evidence.py",
    ]


def test_a_person_erased_after_the_pack_leaves_no_trace_in_a_new_one(made):
    one = JobChange.objects.filter(customer=made.customer).first()
    person_erase(customer=made.customer, email=one.new_email, by=None)
    assert making.evidence_files_purge(dry_run=True) == 1
    assert making.evidence_files_purge() == 1
    assert making.evidence_files_purge() == 0


def test_the_sample_in_the_documents_holds_and_one_changed_letter_is_named(tmp_path):
    sample = Path(__file__).parents[2] / "docs" / "evidence"
    whole = gzip.decompress((sample / "evidence.json.gz").read_bytes())
    program = [sys.executable, str(sample / "verify_evidence.py")]
    file = tmp_path / "evidence.json"
    file.write_bytes(whole)
    held = subprocess.run([*program, str(file)], capture_output=True, text=True)
    assert held.returncode == 0, held.stdout
    assert "Everything holds" in held.stdout
    assert b"Cathy" in whole
    file.write_bytes(whole.replace(b"Cathy", b"Kathy", 1))
    changed = subprocess.run([*program, str(file)], capture_output=True, text=True)
    assert changed.returncode == 1
    assert re.search(r"(batches|tests)\[\d+\]", changed.stdout), changed.stdout[:2000]
