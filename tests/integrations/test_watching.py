"""The search for tokens finds them: in each place, and in each form."""

import base64
import json
import logging
from urllib.parse import quote

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse

from integrations import tasks
from tests import factories as make
from tests.leaks import PART, Leaks

pytestmark = pytest.mark.django_db(transaction=True)


def in_a_page(walk, text):
    walk.watch.page_note("/orgs/", HttpResponse(text))


def in_a_report(walk, text):
    harmless = f"the answer was {text}"
    try:
        raise RuntimeError(harmless)
    except RuntimeError:
        walk.watch.report_note()


def in_a_log(walk, text):
    logging.getLogger("urllib3.connectionpool").debug("GET /x?y=%s", text)


def in_a_session(walk, text):
    session = SessionStore()
    session["oauth"] = {"kept": text}
    session.save()


def in_an_event(walk, text):
    make.EventFactory(data={"note": text})


def in_a_mail(walk, text):
    mail.EmailMultiAlternatives("Hello", "plain", to=["a@b.example"]).send()
    mail.outbox[-1].attach_alternative(f"<p>{text}</p>", "text/html")


def in_the_cache(walk, text):
    cache.set("org", {"answer": text})


def in_a_task(walk, text):
    walk.watch.task_note(tasks.org_facts_refresh, args=[text])


PLACES = (in_a_page, in_a_report, in_a_log, in_a_session, in_an_event, in_a_mail, in_the_cache)
PLACES += (in_a_task,)
FORMS = {
    "whole": str,
    "a part": lambda secret: secret[40 : 40 + PART],
    "in an address": lambda secret: quote(secret, safe=""),
    "base64": lambda secret: base64.b64encode(f"Bearer {secret}".encode()).decode(),
    "inside json": lambda secret: json.dumps({"a": [secret]}),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_search_finds_a_token_in_each_place(walk, customer, place):
    connection = walk.rehearsal.connect(customer, "northwind-full")
    walk.check_everything()
    place(walk, connection.access_token)
    with pytest.raises(AssertionError, match="access"):
        walk.check_everything()


@pytest.mark.parametrize("form", FORMS)
def test_the_search_finds_a_token_in_each_form(form):
    secret = "00D8b0000000NwF!AQ8AQ" + "Zk3-x_9aQmW.7pLr" * 5
    leaks = Leaks()
    leaks.add("access", secret)
    assert leaks.found([("somewhere", f"and then {FORMS[form](secret)} came")])
    assert not leaks.found([("somewhere", "and then nothing but 00D8b0000000NwF came")])
