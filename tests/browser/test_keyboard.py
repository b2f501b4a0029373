"""Both roles without a mouse: from their home to a test run that both sides approved."""

import pytest
from playwright.sync_api import expect

from jobchanges.models import TestRun
from tests.browser.keyboard import Keyboard
from tests.jobchanges.conftest import sandbox_make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]
PICKS = 5


@pytest.fixture
def sandbox(rehearsal, customer, manager):
    """Northwind's full copy, ready for a test, and job changes that wait."""
    made = sandbox_make(rehearsal, customer, manager)
    for _ in range(PICKS):
        made.job_change()
    return made


@pytest.fixture
def keyboard_of(browser, live_server, signed_in):
    """A signed-in person's keyboard, at their home."""
    contexts = []

    def sign_in(person, home):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        cookie = signed_in(person).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.goto(live_server.url + home)
        return Keyboard(page)

    yield sign_in
    for context in contexts:
        context.close()


def test_both_roles_go_from_home_to_approval_by_keyboard_alone(
    sandbox, keyboard_of, manager, admin_person
):
    maya = keyboard_of(manager, "/admin/")
    maya.open("^Northwind Traders", tag="a")
    maya.open("^Pick job changes", tag="a")
    for _ in range(PICKS):
        maya.press("", "Space", kind="checkbox")
    maya.open("^Put together")
    maya.asked("^Send to the sandbox|^Send", "^Send")
    run = TestRun.objects.get()
    assert run.state == TestRun.State.REVIEW

    priya = keyboard_of(admin_person, "/")
    priya.press("^Skip to the content")
    expect(priya.page.locator("main")).to_be_focused()
    priya.page.reload()
    priya.open("^Test job changes", tag="a")
    priya.open("^Test 1", tag="a")
    say_right(priya)
    maya.page.reload()
    say_right(maya)

    priya.page.reload()
    approve(priya)
    expect(priya.page.locator("#review")).to_contain_text("Approved for Customer")
    maya.page.reload()
    approve(maya)
    expect(maya.page.locator("#review")).to_contain_text("Approved by both sides")


def say_right(keyboard):
    """One after the other; the focus follows to the next."""
    for number in range(PICKS):
        current = keyboard.page.locator("#review li.current")
        before = current.get_attribute("id")
        keyboard.press("^Looks right$")
        if number + 1 < PICKS:
            expect(keyboard.page.locator(f"#review li.current:not(#{before})")).to_have_count(1)


def approve(keyboard):
    """Answer what is asked, and approve after the question."""
    page = keyboard.page
    for question in ("seen_as_rep", "lead_converted"):
        answer = page.locator(f"input[name={question}][value=yes]")
        if answer.count():
            keyboard.press("^Yes", "Space", kind="radio")
    keyboard.asked("^Approve sandbox test", "^Approve$")
