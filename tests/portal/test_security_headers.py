"""The content security policy and its neighbours, on portal and admin alike."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["account_request_login_code", "account_login", "admin:index", "setup"])
def answer(request, client, manager, admin_person):
    if request.param == "admin:index":
        client.force_login(manager)
    if request.param == "setup":
        client.force_login(admin_person)
    return client.get(reverse(request.param))


def test_the_policy_allows_our_own_files_and_nothing_inline(answer):
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_page_holds_no_inline_script_style_or_handler(answer):
    html = answer.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert all(" src=" in tag for tag in html.split("<script")[1:] if "json" not in tag[:40])


def test_other_headers_keep_the_page_to_itself(answer):
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
