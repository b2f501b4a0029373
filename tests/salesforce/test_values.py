"""Hosts, ids and SOQL: what is checked before anything is sent."""

import datetime as dt
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.hosts import host_allowed, origin_of
from integrations.salesforce.ids import id18, is_id
from integrations.salesforce.soql import chunked_in, in_address, in_list, quote, quote_like

SALESFORCE = (".salesforce.com", ".force.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://login.salesforce.com",
        "https://acme--uat.sandbox.my.salesforce.com/",
        "https://ACME.my.salesforce.com",
        "https://na1.salesforce.com:443",
    ],
)
def test_salesforce_hosts_are_allowed(url):
    assert host_allowed(url, SALESFORCE)


@pytest.mark.parametrize(
    "url",
    [
        "http://login.salesforce.com",
        "https://login.salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://salesforce.com",
        "https://login.salesforce.com@evil.example",
        "https://evil.example\\.salesforce.com",
        "https://evil.example#.salesforce.com",
        "https://evil.example/.salesforce.com",
        "https://login.salesforce.com:8443",
        "https://login.salesforce.com.",
        "https://a..salesforce.com",
        "https://lоgin.evil.example",
        "ftp://login.salesforce.com",
        "https://",
        "//login.salesforce.com",
        "https://login.salesforce.com:x",
        "",
        "http://127.0.0.1:8001",
    ],
)
def test_every_other_address_is_refused(url):
    assert not host_allowed(url, SALESFORCE)


def test_a_loopback_host_needs_to_be_on_the_list():
    assert host_allowed("http://127.0.0.1:8001", (*SALESFORCE, "127.0.0.1"))
    assert not host_allowed("http://localhost:8001", (*SALESFORCE, "127.0.0.1"))


def test_an_origin_is_lower_case_and_without_default_port():
    assert origin_of("HTTPS://Acme.My.Salesforce.com:443/x?y") == "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("00D5g000008AbCd", "00D5g000008AbCdEAK"),
        ("012000000000000", "012000000000000AAA"),
        ("0014S000007dTS6", "0014S000007dTS6QAM"),
        ("0039H00000BbbFB", "0039H00000BbbFBQAZ"),
    ],
)
def test_the_long_form_of_an_id_is_computed(short, long):
    assert id18(short) == long
    assert id18(long) == long


@pytest.mark.parametrize(
    "value", ["", "//evil.example/x", "../../x", "00Q", "00Q" * 5 + "a!b", "00Q5g00000AbCdEaav", 5]
)
def test_what_is_no_id_is_told_apart(value):
    assert not is_id(value)


def test_an_id_can_be_checked_for_its_object():
    assert is_id("00Q5g00000AbCdEAAV", "00Q")
    assert not is_id("0035g00000AbCdEAAV", "00Q")
    assert not is_id("00Q5g00000AbCdEAAV\n")


def literal_read(text: str) -> str:
    """An independent reader of one SOQL string literal; the whole text has to be that literal."""
    assert text[0] == "'"
    named = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    value, at = "", 1
    while text[at] != "'":
        if text[at] != "\\":
            assert text[at].isprintable() or ord(text[at]) > 0x9F
            value += text[at]
            at += 1
        elif text[at + 1] == "u":
            value += chr(int(text[at + 2 : at + 6], 16))
            at += 6
        else:
            assert text[at + 1] in "nrtbf\\'\""
            value += named.get(text[at + 1], text[at + 1])
            at += 2
    assert at == len(text) - 1
    return value


@given(st.text())
def test_any_text_stays_inside_its_literal_and_keeps_its_value(text):
    assert literal_read(quote(text)) == text


@given(st.text(alphabet="'\\\"%_\n;) OR1=", max_size=40))
def test_text_made_of_signs_with_a_meaning_stays_inside_too(text):
    assert literal_read(quote(text)) == text


def test_a_broken_unicode_sign_can_still_be_sent():
    assert quote("a\ud800b").encode() == "'a\ufffdb'".encode()


def test_a_pattern_takes_percent_and_underscore_literally():
    assert quote_like("50%_o'x") == "'50\\%\\_o\\'x%'"


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (dt.date(2026, 11, 22), "2026-11-22"),
        (
            dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
            "2026-11-22T14:00:00Z",
        ),
    ],
)
def test_other_values_become_literals(value, literal):
    assert quote(value) == literal


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        quote(dt.datetime(2026, 11, 22, 9, 0))  # noqa: DTZ001


def test_a_list_names_each_value_once_and_is_never_empty():
    assert in_list(["a", "b", "a"]) == "('a','b')"
    with pytest.raises(ValueError, match="at least one"):
        in_list([])


@given(
    st.lists(st.text(max_size=30), max_size=60, unique=True),
    st.integers(min_value=240, max_value=800),
)
def test_a_long_list_is_cut_into_queries_that_fit(values, limit):
    queries = chunked_in("SELECT Id FROM Lead WHERE Email", values, " LIMIT 9", max_length=limit)
    assert all(len(query) <= limit for query in queries)
    together = ",".join(query[36:-9] for query in queries)
    assert together == ",".join(quote(value) for value in values)


def test_a_value_longer_than_a_query_is_refused():
    with pytest.raises(ValueError, match="longer"):
        chunked_in("SELECT Id FROM Lead WHERE Email", ["x" * 90], max_length=100)


def test_a_query_in_an_address_is_as_short_as_it_can_be():
    soql = "SELECT Id FROM Lead WHERE Email IN ('a@b.example','c+d@{x}') AND Name LIKE '%&#'"
    assert in_address(soql) == (
        "SELECT+Id+FROM+Lead+WHERE+Email+IN+('a@b.example','c%2Bd@%7Bx%7D')"
        "+AND+Name+LIKE+'%25%26%23'"
    )


@given(st.text())
def test_a_query_comes_out_of_an_address_as_it_went_in(value):
    soql = f"SELECT Id FROM Lead WHERE Name = {quote(value)}"
    assert parse_qsl(f"q={in_address(soql)}") == [("q", soql)]
