"""`POST /api/job-changes`: the vendor's engine hands job changes in (product.md, section 8)."""

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from accounts.models import Event
from jobchanges.imports.columns import COLUMNS
from jobchanges.intake import reading
from jobchanges.intake.keys import client_find, clients_read, key_digest, key_make
from jobchanges.intake.openapi import EXAMPLE
from jobchanges.intake.reading import BodyRefused, body_read
from jobchanges.models import ImportRun, JobChange
from jobchanges.services import imports_read
from jobchanges.services.erasing import person_erase
from tests.factories import CustomerFactory, MembershipFactory
from tests.jobchanges.import_files import csv_file, row

# The same in every process: they stand in the names of tests.
KEY, OTHER_KEY = f"ugjc_{'k' * 43}", f"ugjc_{'o' * 43}"
JSON = "application/json"
NDJSON = "application/x-ndjson"


@pytest.fixture(autouse=True)
def keys(settings):
    """The engine may write for everybody, the pilot for Northwind only."""
    settings.INTAKE_API_KEYS = [
        f"engine:{key_digest(KEY)}",
        f"pilot:{key_digest(OTHER_KEY)}:northwind+harbor",
    ]


@pytest.fixture
def northwind(db):
    return CustomerFactory(slug="northwind")


@pytest.fixture
def send(client):
    """Hand a body in; answers the response."""

    def post(body, *, customer="northwind", key=KEY, kind=JSON, **headers):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if key:
            headers.setdefault("authorization", f"Bearer {key}")
        return client.post(
            f"/api/job-changes?customer={customer}", body, content_type=kind, headers=headers
        )

    return post


def item(key="jc-1", **changes):
    """What an engine sends: empty fields are left out."""
    return {name: value for name, value in row(key, **changes).items() if value}


def outcomes(response):
    assert response.status_code == 200, response.content
    return [(one["line"], one["id"], one["outcome"]) for one in response.json()["items"]]


def test_a_new_job_change_is_added(send, northwind):
    response = send([item()])

    assert outcomes(response) == [(1, "jc-1", "added")]
    found = JobChange.objects.get(customer=northwind)
    assert (found.person_name, found.new_company_employees) == ("Cathy Manning", 15614)


def test_the_answer_counts_and_names_the_import(send, northwind):
    answer = send({"job_changes": [item(), item("jc-2", kind="moved")]}).json()

    assert answer["counts"] == {"added": 1, "unchanged": 0, "conflict": 0, "rejected": 1}
    run = ImportRun.objects.get(pk=answer["import"])
    assert (run.customer, run.client, run.rows_total) == (northwind, "engine", 2)


def test_sending_it_again_changes_nothing(send, northwind):
    send([item()])

    assert outcomes(send([item()])) == [(1, "jc-1", "unchanged")]
    assert JobChange.objects.count() == 1


def test_other_contents_under_a_known_id_are_reported_and_left_alone(send, northwind):
    send([item()])

    answer = send([item(new_title="Chief of Staff")]).json()["items"][0]

    assert answer["outcome"] == "conflict"
    assert answer["reasons"] == [
        "This id is known with other contents. What is known was not changed."
    ]
    assert JobChange.objects.get().new_title == "Director"


def test_what_a_file_brought_is_known_here_too(send, northwind):
    imports_read(customer=northwind, file_name="a.csv", content=csv_file(row()).encode(), by=None)

    assert outcomes(send([item()])) == [(1, "jc-1", "unchanged")]


def test_numbers_truth_and_null_mean_what_a_file_says_in_words(send, northwind):
    send([item("jc-1")])
    typed = item("jc-1", new_company_employees=15614, is_target_company=False) | {"phone": None}

    assert outcomes(send([typed | {"is_target_company": False}])) == [(1, "jc-1", "unchanged")]


def test_one_bad_item_does_not_stop_the_others(send, northwind):
    answer = send([item("jc-1"), "no object", item("jc-3", detected_at="soon"), item("jc-4")])

    assert [one[2] for one in outcomes(answer)] == ["added", "rejected", "rejected", "added"]
    reasons = [one["reasons"] for one in answer.json()["items"]]
    assert reasons[1] == ["This is not an object with the fields of a job change."]
    assert reasons[2] == ["detected_at is not a real time written like 2026-04-01T18:39:00Z."]


def test_each_reason_is_said_also_those_of_form(send, northwind):
    wrong = item(kind="moved") | {"new_tittle": "CEO", "phone": ["1"], "is_target_company": 3}

    reasons = send([wrong]).json()["items"][0]["reasons"]

    assert "“new_tittle” is not a field of a job change." in reasons
    assert "phone is of another type than documented." in reasons
    assert "is_target_company is of another type than documented." in reasons
    assert "kind is “moved”; it can be joined, left or promotion." in reasons


def test_the_same_id_twice_in_one_request_with_other_contents_is_taken_from_neither(
    send, northwind
):
    answer = send([item(), item(new_title="CEO")])

    assert [one[2] for one in outcomes(answer)] == ["rejected", "rejected"]
    assert not JobChange.objects.exists()


def test_ndjson_is_read_line_by_line(send, northwind):
    lines = [json.dumps(item("jc-1")), "", "{broken", json.dumps(item("jc-4")), ""]

    answer = send("\n".join(lines).encode(), kind=f"{NDJSON}; charset=utf-8")

    assert outcomes(answer) == [(1, "jc-1", "added"), (3, "", "rejected"), (4, "jc-4", "added")]
    assert answer.json()["items"][1]["reasons"] == ["The line is not JSON."]


def test_a_line_separator_inside_a_text_does_not_end_the_line(send, northwind):
    line = json.dumps(item(new_title="Head\u2028of\x85Sales"), ensure_ascii=False)

    # The second is a control character, which no field takes; it is still one line.
    assert len(send(line.encode(), kind=NDJSON).json()["items"]) == 1


def test_a_name_twice_in_an_object_is_refused_because_nobody_knows_which_counts(send, northwind):
    line = '{"id": "jc-1", "id": "jc-2"}'

    answer = send(line.encode(), kind=NDJSON)

    assert answer.json()["items"][0]["reasons"] == ["“id” stands in it twice."]


@pytest.mark.parametrize("broken", ["\\u0000", "\\ud800"])
def test_a_character_that_no_database_takes_is_named_where_it_stands(send, northwind, broken):
    line = json.dumps(item(new_title="CxO")).replace("CxO", f"C{broken}O")
    other = f'{{"id": "jc-2", "a{broken}": "b"}}'

    first, second = send(f"{line}\n{other}".encode(), kind=NDJSON).json()["items"]

    assert first == {
        "line": 1,
        "id": "jc-1",
        "outcome": "rejected",
        "reasons": ["new_title holds a character that cannot be stored."],
    }
    assert "“a�” is not a field of a job change." in second["reasons"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"{", JSON, 400, "The body is not JSON."),
        (b"[NaN]", JSON, 400, "The body is not JSON."),
        (b"[" * 100_000, JSON, 400, "The body is not JSON."),
        (b"\xff\xfe", JSON, 400, "The body is not UTF-8."),
        (b"[]", JSON, 400, "There is no job change in it."),
        (b"\n\n", NDJSON, 400, "There is no job change in it."),
        (b"{}", JSON, 400, "Send a list of job changes, or an object with nothing but"),
        (b'{"job_changes": [], "more": 1}', JSON, 400, "Send a list of job changes"),
        (b"id,kind", "text/csv", 415, "Send application/json or application/x-ndjson"),
        (b"a=b", "application/x-www-form-urlencoded", 415, "Send application/json"),
    ],
)
def test_a_body_that_is_none_is_refused_as_a_whole_with_the_way_out(
    send, northwind, body, kind, status, said
):
    answer = send(body, kind=kind)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(said)
    assert not ImportRun.objects.exists()


def test_too_many_job_changes_are_refused_with_their_number(send, northwind, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ITEMS", 2)

    answer = send([item(f"jc-{number}") for number in range(3)])

    assert answer.status_code == 413
    assert "these are 3" in answer.json()["detail"]
    assert not JobChange.objects.exists()


def test_a_body_that_is_too_large_is_refused(send, northwind, monkeypatch):
    monkeypatch.setattr("jobchanges.intake.views.LARGEST_BODY", 100)

    assert send([item()]).status_code == 413
    assert not JobChange.objects.exists()


def test_a_large_body_within_the_limit_is_read_whole(send, northwind):
    # More than Django takes in a form by itself.
    many = [
        item(f"jc-{number}", new_title="x" * 255, past_title="y" * 255) for number in range(900)
    ]
    padded = json.dumps(many, indent=60).encode()
    assert 2_621_440 < len(padded) < reading.LARGEST_BODY

    assert send(padded).json()["counts"]["added"] == 900


def test_a_body_without_a_length_is_not_taken_for_an_empty_one(client, northwind):
    answer = client.post(
        "/api/job-changes?customer=northwind",
        json.dumps([item()]),
        content_type=JSON,
        headers={"x-api-key": KEY},
        CONTENT_LENGTH="",
    )

    assert answer.status_code == 411


def test_a_body_that_broke_off_is_not_taken_in_part(client, northwind):
    body = json.dumps(item()) + "\n" + json.dumps(item("jc-2"))

    answer = client.post(
        "/api/job-changes?customer=northwind",
        body,
        content_type=NDJSON,
        headers={"x-api-key": KEY},
        CONTENT_LENGTH=str(len(body) + 10),
        # As a server hands it on: it ends before its length.
        **{"wsgi.input": io.BytesIO(body.encode())},
    )

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "The body broke off before its end.",
    )
    assert not JobChange.objects.exists()


@pytest.mark.parametrize("key", ["", "ugjc_wrong", key_digest(KEY)])
def test_without_the_key_nothing_is_said_and_nothing_taken(send, northwind, key):
    answer = send([item()], key=key)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not JobChange.objects.exists()


def test_the_key_may_stand_in_the_header_that_the_vendor_uses_elsewhere(send, northwind):
    assert outcomes(send([item()], key="", **{"x-api-key": KEY})) == [(1, "jc-1", "added")]


def test_a_key_for_some_customers_does_not_know_the_others(send, northwind):
    CustomerFactory(slug="globex")

    assert outcomes(send([item()], key=OTHER_KEY)) == [(1, "jc-1", "added")]
    theirs = send([item()], customer="globex", key=OTHER_KEY)
    nobody = send([item()], customer="nobody", key=OTHER_KEY)
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.json() == nobody.json()
    assert JobChange.objects.filter(customer=northwind).count() == JobChange.objects.count()


def test_a_null_character_in_the_customer_is_no_server_error(send, northwind):
    assert send([item()], customer="north%00wind").status_code in (400, 404)


def test_two_keys_of_one_client_are_both_good_while_one_is_replaced(settings, send, northwind):
    new = key_make()
    settings.INTAKE_API_KEYS = [f"engine:{key_digest(KEY)}", f"engine:{key_digest(new)}"]

    assert send([item()], key=new).status_code == 200
    assert send([item()], key=KEY).status_code == 200


def test_no_key_configured_lets_nobody_in(settings, send, northwind):
    settings.INTAKE_API_KEYS = []

    assert send([item()], key=key_make()).status_code == 401


def test_who_guesses_keys_is_stopped(send, northwind):
    statuses = [send([item()], key=key_make()).status_code for _try in range(40)]

    assert statuses[0] == 401
    assert statuses[-1] == 429
    # Whoever has a key is not locked out by somebody else at the same address.
    assert send([item()]).status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_methods_are_named(client, method):
    answer = getattr(client, method)("/api/job-changes")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_a_session_of_a_person_does_not_stand_for_a_key(client, northwind):
    client.force_login(MembershipFactory(customer=northwind).user)

    answer = client.post(
        "/api/job-changes?customer=northwind", json.dumps([item()]), content_type=JSON
    )

    assert answer.status_code == 401
    assert not JobChange.objects.exists()


def test_the_event_names_the_client_and_no_person(send, northwind):
    send([item()])

    event = Event.objects.get(customer=northwind, action="job_changes.imported")
    assert (event.side, event.data["client"], event.data["added"]) == ("system", "engine", 1)
    assert "Manning" not in json.dumps(event.data)


def test_an_erased_person_does_not_come_back(send, northwind):
    send([item()])
    person_erase(customer=northwind, email="cmanning@swedbank.example", by=None)

    assert outcomes(send([item()])) == [(1, "jc-1", "unchanged")]
    assert JobChange.objects.get().last_name == ""


# --- the description for programs -----------------------------------------------------------------


@pytest.fixture
def document(client):
    answer = client.get(reverse("intake_openapi"))
    assert answer.status_code == 200
    return answer.json()


def schema_of(document, name):
    """One schema with its references answered, checked to be one."""
    schema = {**document["components"]["schemas"][name], "components": document["components"]}
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_description_knows_every_field_of_a_job_change(document):
    fields = document["components"]["schemas"]["JobChange"]["properties"]

    assert set(fields) == set(COLUMNS)
    assert list(document["paths"]) == ["/api/job-changes"]


def test_every_reference_of_the_description_leads_somewhere(document):
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert names <= set(document["components"]["schemas"])
    assert document["openapi"].startswith("3.1")


def test_the_example_of_the_description_is_valid_and_is_taken(document, send, northwind):
    schema_of(document, "JobChange").validate(EXAMPLE)

    assert outcomes(send({"job_changes": [EXAMPLE]})) == [(1, EXAMPLE["id"], "added")]


def test_answers_and_refusals_have_the_described_form(document, send, northwind):
    schema_of(document, "Report").validate(send([item(), {}]).json())
    schema_of(document, "Problem").validate(send(b"{").json())
    schema_of(document, "Problem").validate(send([item()], key="").json())


@pytest.mark.parametrize(
    "wrong",
    [{"id": ""}, {"kind": "moved"}, {"more": "1"}, {"new_company_employees": -1}, {"phone": 5}],
)
def test_what_the_description_forbids_is_rejected(document, send, northwind, wrong):
    body = item(new_company_employees=1) | wrong
    assert not schema_of(document, "JobChange").is_valid(body)

    assert outcomes(send([body]))[0][2] == "rejected"


# --- keys ----------------------------------------------------------------------------------------


def test_a_new_key_works_as_it_is_printed(capsys, settings, send, northwind):
    call_command("intake_key", "--client", "engine-2", "--customer", "northwind")
    _words, key, _more, entry = capsys.readouterr().out.splitlines()
    settings.INTAKE_API_KEYS = [entry.strip()]

    assert send([item()], key=key.strip()).status_code == 200
    assert key.strip() not in entry


@pytest.mark.parametrize(
    "arguments", [["--client", "No Name"], ["--client", "a", "--customer", "x"]]
)
@pytest.mark.django_db
def test_a_key_for_nobody_is_refused(arguments):
    with pytest.raises(CommandError):
        call_command("intake_key", *arguments)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (f"engine:{KEY}", "no SHA-256"),
        (f"Big Engine:{key_digest(KEY)}", "a client's name"),
        (f"engine:{key_digest(KEY)}:a/b", "no customer's slug"),
    ],
)
def test_an_entry_that_is_none_is_named(entry, said):
    with pytest.raises(ValueError, match=said) as error:
        clients_read([f"first:{key_digest(OTHER_KEY)}", entry])
    assert "entry 2" in str(error.value)
    assert KEY not in str(error.value)


def test_a_key_finds_its_client_only():
    clients = clients_read([f"engine:{key_digest(KEY)}", f"pilot:{key_digest(OTHER_KEY)}"])

    assert client_find(clients, OTHER_KEY).name == "pilot"
    assert client_find(clients, "") is None
    assert KEY not in repr(clients)
    assert key_digest(KEY) not in repr(clients)


# --- whatever comes ------------------------------------------------------------------------------

_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(COLUMNS), inner),
    max_leaves=20,
)


@given(body=st.binary(max_size=300) | _json.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_items_or_a_sentence(body):
    for kind in (JSON, NDJSON):
        try:
            lines = [one.row.line for one in body_read(kind, body)]
        except BodyRefused as error:
            said, lines = error, []
            assert said.sentence
            assert said.status in (400, 413)
        assert lines == sorted(set(lines))


@pytest.mark.django_db
@hypothesis_settings(max_examples=40)
@given(values=st.lists(_json, min_size=1, max_size=5))
def test_any_item_gets_an_answer_of_its_own(values):
    customer = CustomerFactory()

    answer = Client().post(
        f"/api/job-changes?customer={customer.slug}",
        json.dumps(values),
        content_type=JSON,
        headers={"x-api-key": KEY},
    )

    assert answer.status_code == 200
    assert [one["line"] for one in answer.json()["items"]] == list(range(1, len(values) + 1))
