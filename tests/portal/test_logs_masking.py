"""Whatever is logged, and how: no token, code or e-mail address is on the line (rule 8)."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from portal.settings.logs import logging_config

TOKEN = "00D5g000004XyZaEAK!AQ4AQFv9.kKx_secret.part_Q8"
REFRESH = "5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrVQ5aDl"
MAIL = "dana.whitfield+x@oldco.example"
LEAKS = [
    ("a Salesforce token", f"refused {TOKEN}", "secret.part"),
    ("a Salesforce token in an address", "sid=00D5g000004XyZa%21AQ4AsecretQ8", "AQ4AsecretQ8"),
    ("a refresh token", f"used {REFRESH}", "xvFHRBTT"),
    ("a bearer value", "Authorization: Bearer abc.def-ghi_123", "abc.def-ghi_123"),
    ("an id token", "got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIwMDUifQ.c2lnbmF0dXJl", "eyJzdWIiOi"),
    ("a form body", "refresh_token=verysecret99&grant_type=refresh_token", "verysecret99"),
    ("a mapping's text", "{'access_token': 'verysecret99', 'id': '1'}", "verysecret99"),
    ("JSON in a text", '{"client_secret": "verysecret99"}', "verysecret99"),
    ("an OAuth callback", "/connect/callback/sandbox/?code=aPrxverysecret&state=st4te", "aPrxvery"),
    ("a sign-up link", "https://portal.example/signup/s3cret-token_x/", "s3cret-token_x"),
    ("an unsubscribing link", "GET /mail/unsubscribe/eyJ1c2VyIjoyfQ:1xV:LWw/", "eyJ1c2VyIjoyfQ"),
    ("an e-mail address", f"mail to <{MAIL}> failed", "dana.whitfield"),
    ("an address in another script", "mail to josé.müller@firma.example", "müller"),
    ("a database's password", "postgres://portal:verysecret99@db/portal", "verysecret99"),
    ("a broker's password", "redis://:verysecret99@broker:6379/0", "verysecret99"),
    ("PostgreSQL's row", "DETAIL:  Failing row contains (7, Dana, Whitfield).", "Whitfield"),
    ("PostgreSQL's key", "DETAIL:  Key (last_name)=(Whitfield) already exists.", "Whitfield"),
]


@pytest.fixture
def written():
    """Both ways of logging, set up as on a site; answers the lines so far."""
    before = structlog.get_config()
    config = logging_config(debug=False)
    stream = io.StringIO()
    structlog.configure(**structlog.get_config() | {"cache_logger_on_first_use": False})
    formatter = dict(config["formatters"]["structured"])
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    logger = logging.getLogger("tests.masking")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel("INFO")
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()
        logger.handlers = []


def plain(text):
    logging.getLogger("tests.masking").warning("went wrong: %s", text)


def plain_extra(text):
    structlog.get_logger("tests.masking").warning("went wrong", detail=text)


def nested(text):
    structlog.get_logger("tests.masking").warning("went_wrong", answer={"errors": [{"m": text}]})


def an_object(text):
    structlog.get_logger("tests.masking").warning("went_wrong", problem=ValueError(text))


def positional(text):
    structlog.get_logger("tests.masking").warning("went wrong: %s", text)


def traceback_structlog(text):
    try:
        raise ValueError(text)
    except ValueError:
        structlog.get_logger("tests.masking").exception("went_wrong")


def traceback_plain(text):
    try:
        raise ValueError(text)
    except ValueError as cause:
        try:
            raise RuntimeError("above") from cause
        except RuntimeError:
            logging.getLogger("tests.masking").exception("went wrong")


@pytest.mark.parametrize(
    "log",
    [plain, plain_extra, nested, an_object, positional, traceback_structlog, traceback_plain],
)
@pytest.mark.parametrize(("what", "text", "secret"), LEAKS, ids=[leak[0] for leak in LEAKS])
def test_nothing_secret_is_left_on_the_line(written, log, what, text, secret):
    log(text)
    (line,) = written()
    assert secret not in json.dumps(line, ensure_ascii=False)
    assert line["level"] in {"warning", "error"}


def test_what_explains_a_problem_is_left(written):
    logger = structlog.get_logger("tests.masking")
    logger.warning(
        "org_not_settled",
        org="00D5g000004XyZaEAK",
        code="REQUEST_LIMIT_EXCEEDED",
        record="0035g00000AbCdEAAV",
        seconds=1.5,
        reason="Callback took 12 seconds; 3 of 5 at 10:15.",
    )
    (line,) = written()
    assert line["org"] == "00D5g000004XyZaEAK"
    assert line["code"] == "REQUEST_LIMIT_EXCEEDED"
    assert line["record"] == "0035g00000AbCdEAAV"
    assert line["seconds"] == 1.5
    assert line["reason"] == "Callback took 12 seconds; 3 of 5 at 10:15."


def test_a_code_typed_by_a_person_is_removed(written):
    structlog.get_logger("tests.masking").warning("typed", code="ABCD-EFGH", email=MAIL)
    (line,) = written()
    assert (line["code"], line["email"]) == ("[removed]", "[removed]")


def test_request_and_task_id_stand_on_every_line_of_both_kinds(written):
    structlog.contextvars.bind_contextvars(request_id="r-1", task_id="t-1")
    plain("x")
    plain_extra("x")
    assert [(line["request_id"], line["task_id"]) for line in written()] == [("r-1", "t-1")] * 2
