"""Error reports hide tokens, also with DEBUG on (product.md, rule 8)."""

from dataclasses import dataclass

import pytest
from django.test import RequestFactory
from django.urls import resolve
from django.views.debug import (
    ExceptionReporter,
    get_exception_reporter_class,
    get_exception_reporter_filter,
)

from portal.pages import signup
from tests.factories import ConnectionFactory

pytestmark = pytest.mark.django_db

SECRET = "00Dxx0000001gEREAY!AQEAQ-very-secret"


@dataclass
class Grant:
    access_token: str
    instance_url: str


def report_of(view, *, data=None) -> str:
    """What Django's page for errors would show, with DEBUG on."""
    request = RequestFactory().post("/somewhere/", data or {})
    request.session = {}
    try:
        view(request)
    except ZeroDivisionError as error:
        reporter = ExceptionReporter(request, type(error), error, error.__traceback__)
        return reporter.get_traceback_html() + reporter.get_traceback_text()
    raise AssertionError("The view was meant to fail.")


@pytest.fixture(autouse=True)
def _debug(settings):
    settings.DEBUG = True


def test_what_is_named_like_a_secret_is_hidden():
    def view(request):
        refresh_token = SECRET
        answer = {"access_token": SECRET, "scope": "api-scope"}
        nested = [{"id_token": SECRET}]
        return refresh_token, answer, nested, 1 / 0

    report = report_of(view)
    assert SECRET not in report
    assert "api-scope" in report


def test_a_value_of_an_encrypted_field_is_hidden_under_any_name():
    connection = ConnectionFactory()
    connection.refresh_token = SECRET

    def view(request, connection=connection):
        harmless = connection.refresh_token
        header = f"Bearer {harmless}"
        plain = "plain-words"
        return header, plain, 1 / 0

    report = report_of(view)
    assert SECRET not in report
    assert "plain-words" in report


def test_a_grant_is_hidden_where_it_is_printed():
    def view(request):
        grant = Grant(access_token=SECRET, instance_url="https://northwind.example")
        return grant, 1 / 0

    assert SECRET not in report_of(view)


def test_a_code_that_was_typed_is_hidden():
    # The report shows lines of this file, too: only together do the letters make the code.
    code = "".join(["ABCD", "-EFGH"])
    report = report_of(lambda request: 1 / 0, data={"code": code, "name": "typed-name"})
    assert code not in report
    assert "typed-name" in report


def test_the_site_uses_this_filter(rf):
    assert type(get_exception_reporter_filter(rf.get("/"))).__name__ == "SecretsReporterFilter"


def test_a_variable_that_cannot_be_printed_breaks_no_report():
    class Broken:
        def __repr__(self):
            raise RuntimeError("no words")

    connection = ConnectionFactory()

    def view(request, connection=connection):
        broken = Broken()
        return broken, 1 / 0

    assert "ZeroDivisionError" in report_of(view)


def test_the_page_of_an_error_in_a_view_shows_no_token(client, monkeypatch):
    def fails(token):
        held = f"{token}-and-more"
        raise ZeroDivisionError(len(held))

    monkeypatch.setattr(signup, "signup_link_find", fails)
    client.raise_request_exception = False
    answer = client.get("/signup/token-in-the-link/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "ZeroDivisionError" in text
    assert "token-in-the-link-and-more" not in text


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("/connect/callback/sandbox/?code=aPrx%2Fvery-secret%3D%3D&state=st4te", "very-secret"),
        ("/connect/callback/sandbox/?state=the-st4te-of-it&code=x", "the-st4te-of-it"),
        ("/somewhere/?a=1&refresh_token=5Aep-very-secret", "5Aep-very-secret"),
        ("/signup/the-token-of-a-link/", "the-token-of-a-link"),
    ],
)
def test_a_secret_in_the_address_is_hidden_wherever_the_report_repeats_it(address, secret):
    request = RequestFactory().get(address)
    request.resolver_match = resolve(request.path_info) if "somewhere" not in address else None
    try:
        raise ZeroDivisionError("a mistake of ours")
    except ZeroDivisionError as error:
        found = (type(error), error, error.__traceback__)
    reporter = get_exception_reporter_class(request)(request, *found)
    for report in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "a mistake of ours" in report
        assert secret not in report
