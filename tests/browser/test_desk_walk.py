"""The managers' desk, walked over several customers at once: a lead's morning, a manager's day.

With `WALKTHROUGH_PICTURES=1` it makes the pictures of docs/desk.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.cast import NORTHWIND
from tests.browser.conftest import DESKTOP, Eye
from tests.browser.going_live import GoingLive

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "desk"
LARGEST = 250_000  # bytes of one picture
SHOWN = {
    "give-to-a-manager",
    "home-waiting-on-me",
    "portfolio",
    "customer-page",
    "settings-from-template",
    "suggested-set",
    "preview",
    "conversation",
    "see-as-the-customer",
    "activity",
    "evidence",
    "help-text",
}
NOOR = replace(
    NORTHWIND,
    slug="noor",
    manager="Noor Haddad",
    manager_email="noor.haddad@usergems.example",
)
TEMPLATE = "Accounts first"
OFF = "New leads belong to somebody else this quarter."
ANSWER = "Changed in the settings, and sent again."
HELP = "Your manager at UserGems can look on while you install it."


class Walk:
    """The desk of one signed-in member of staff; `look` sees every page once."""

    def __init__(self, journey: GoingLive, eye: Eye) -> None:
        self.journey = journey
        self.eye = eye

    @property
    def page(self) -> Page:
        """Their browser."""
        return self.journey.desk

    def home(self, query: str = "") -> Page:
        """The desk as it opens."""
        self.page.goto(f"{self.journey.product.site}/admin/{query}")
        return self.page

    def customer(self, name: str) -> Page:
        """A customer's page, by the portfolio."""
        self.home().locator("#portfolio table").last.get_by_role("link", name=name).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
        return self.page

    def look(self, name: str, start: Locator | None = None, *, height: int = 1500) -> None:
        """See whether the page is sound; keep a picture of it, from `start` on, if asked for."""
        self.eye(self.page, f"desk-{name}")
        picture(self.page, name, start, height)


def picture(page: Page, name: str, start: Locator | None = None, height: int = 1500) -> None:
    """So many pixels of a page as docs/desk shows them, when pictures are asked for."""
    if name not in SHOWN or not os.environ.get("WALKTHROUGH_PICTURES"):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    box = start.bounding_box() if start else None
    top = max(0, box["y"] - 16) if box else 0
    file = PICTURES / f"{name}.png"
    # As tall a screen as the picture: a bar that sticks to its foot stands there, too.
    size = page.viewport_size
    page.set_viewport_size({"width": 1280, "height": height})
    page.evaluate("top => scrollTo(0, top)", top)
    # Hiding the caret would put a style into the page, which its policy refuses.
    page.screenshot(path=file, caret="initial")
    page.set_viewport_size(size)
    assert file.stat().st_size < LARGEST, f"{file.name} is too large"


def test_a_manager_runs_several_customers_from_the_desk(journey_at):
    expect.set_options(timeout=20_000)
    screen = dict(DESKTOP)
    lead, eye = journey_at(NOOR, screen)
    journey, manager_eye = journey_at(NORTHWIND, screen)
    noor, maya = Walk(lead, eye), Walk(journey, manager_eye)

    lead.manager_sign_in()
    customers_given(noor)
    template_made(noor)
    help_written(noor)

    journey.manager_sign_in()
    morning(maya)
    others_moved_on(maya)
    customer_connects(journey)
    customer_page_read(maya)
    settings_started(maya)
    set_suggested(maya)
    reviewed_together(maya)
    seen_as_the_customer(maya)
    written_down(maya)
    mails_read(maya)
    assert not eye.problems + manager_eye.problems, "\n".join(eye.problems + manager_eye.problems)


def customers_given(noor: Walk) -> None:
    """The lead gives two customers at once to a manager."""
    page = noor.home()
    expect(page.locator("#portfolio")).to_contain_text("Nobody yet")
    page.get_by_role("link", name="Give several customers to a manager").click()
    for name in ("Harbor Analytics", "Cedar & Pine"):
        page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option(label="Give to a manager")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator("#content")).to_contain_text("2 customers get another manager.")
    who = page.get_by_label("Who takes them?")
    who.select_option(value=who.locator("option", has_text="Maya Rao").get_attribute("value"))
    noor.look("give-to-a-manager")
    page.get_by_role("button", name="Give them").click()
    expect(page.locator("body")).to_contain_text("Maya Rao")


def template_made(noor: Walk) -> None:
    """The lead keeps usual choices under a name."""
    page = noor.page
    page.goto(f"{noor.journey.product.site}/admin/jobchanges/settingstemplate/add/")
    page.get_by_label("Name", exact=False).first.fill(TEMPLATE)
    page.get_by_label("When to use it").fill("Reps own accounts; new companies become leads.")
    page.get_by_role("textbox", name="Lead source").fill("UserGems job change")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text(TEMPLATE)
    noor.look("templates")


def help_written(noor: Walk) -> None:
    """The lead adds a line to what a step explains."""
    page = noor.page
    page.goto(f"{noor.journey.product.site}/admin/portal/helptext/")
    page.get_by_role("link", name=re.compile("^How to install it")).first.click()
    box = page.get_by_label(re.compile("^Text|^Body|text", re.IGNORECASE)).last
    box.fill(f"{box.input_value()}\n\n{HELP}")
    noor.look("help-text", height=1000)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("body")).to_contain_text("Noor Haddad")


def morning(maya: Walk) -> None:
    """What waits on the manager, then everything else: filters and search."""
    page = maya.home()
    waiting = page.locator("#waiting")
    expect(waiting).to_contain_text("2 customers")
    expect(waiting.get_by_role("row").nth(1)).to_contain_text(re.compile("Tern.*Overdue", re.S))
    maya.look("home-waiting-on-me", height=920)
    maya.home("?turn=customer")
    lines = page.locator("#portfolio table").last
    for name in ("Aldus Health", "Northwind Traders", "Harbor Analytics", "Juniper Robotics"):
        expect(lines).to_contain_text(name)
    expect(lines).not_to_contain_text("Tern Logistics")
    maya.look("portfolio", page.get_by_role("heading", name="All my customers"), height=640)
    maya.home("?q=ines.duarte")
    expect(page.locator("#portfolio table").last).to_contain_text("Juniper Robotics")


def others_moved_on(maya: Walk) -> None:
    """A link for the overdue one, a note on one, another let go on: nothing waits but Cedar."""
    page = maya.home()
    page.get_by_role("link", name="Send a sign-up link · Tern Logistics").click()
    page.get_by_label("Name of the person").fill("Ana Moreau")
    page.get_by_label("Work e-mail").fill("ana.moreau@tern.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator("#links")).to_contain_text("Ana Moreau")

    maya.customer("Juniper Robotics")
    note = "Change freeze until the 1st: call Inés after it."
    page.get_by_label("New note").fill(note)
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator("#notes")).to_contain_text(note)

    maya.customer("Aldus Health")
    page.get_by_role("link", name=re.compile("^On hold")).click()
    maya.look("hold")
    page.get_by_role("button", name="Let it go on").click()
    expect(page.locator("body")).not_to_contain_text("Their security team reads")
    maya.home()
    expect(page.locator("#waiting")).to_contain_text("1 customer")
    expect(page.locator("#waiting")).not_to_contain_text("Tern")


def customer_connects(journey: GoingLive) -> None:
    """Priya connects the sandbox, reading what the lead added."""
    journey.link_open("sandbox")
    journey.code_prove("sandbox")
    journey.salesforce_sign_up("sandbox")
    page = journey.admin
    page.goto(f"{journey.product.site}/?step=sandbox.package")
    expect(page.locator("main")).to_contain_text(HELP)
    journey.package_install("sandbox")
    journey.step_wait("Give the integration user its permissions")


def customer_page_read(maya: Walk) -> None:
    """The journey as the customer sees it, the levers in place, a day agreed for going live."""
    page = maya.customer("Northwind Traders")
    page.get_by_role("link", name="Plan the go-live").click()
    page.get_by_label("Planned go-live").fill("2027-01-18")
    page.get_by_role("button", name="Save", exact=True).last.click()
    maya.customer("Northwind Traders")
    expect(page.locator("#content")).to_contain_text("Planned go-live 18 Jan 2027")
    expect(page.locator("#steps")).to_contain_text("Choose settings")
    maya.look("customer-page", height=1050)


def settings_started(maya: Walk) -> None:
    """From a template: what it would change, then this org's own owner and campaign."""
    page = maya.page
    page.locator("#steps").get_by_role("link", name="Choose settings").click()
    expect(page.get_by_label("Start from a template")).to_contain_text(TEMPLATE)
    page.get_by_role("button", name="Show what it would change").click()
    expect(page.locator("#start")).to_contain_text("UserGems job change")
    page.locator("select[name=default_owner_id]").select_option(index=1)
    page.locator("select[name=campaign]").select_option(index=1)
    maya.look("settings-from-template", height=1400)
    page.get_by_role("button", name="Save and check in the org").click()
    expect(page.locator("body")).to_contain_text("Saved.")


def set_suggested(maya: Walk) -> None:
    """The fewest that try most, kept as a draft, planned by asking the org, and sent."""
    page = maya.customer("Northwind Traders")
    page.get_by_role("link", name="Pick job changes").first.click()
    page.get_by_role("button", name="Suggest a set").click()
    expect(page.locator(".pick-bar")).to_contain_text("They try")
    page.get_by_text("Save as a draft").click()
    page.get_by_label("Name of the draft").fill("First sandbox test")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_label("Saved drafts")).to_contain_text("First sandbox test")
    maya.look("suggested-set", page.locator("form.picking"), height=900)
    page.get_by_role("button", name="Put together").click()
    maya.journey.preview_wait()
    maya.look("preview", height=1200)
    maya.journey.test_send()


def reviewed_together(maya: Walk) -> None:
    """Priya says what is off; Maya mends the setting, sends again, and both read one page."""
    journey, page = maya.journey, maya.page
    journey.review_open(journey.admin)
    name = first_created(journey.admin)
    journey.say_off(name, "Owner", OFF)
    owner_corrected(maya, name)
    journey.send_again(name)
    thread = page.locator("#review li.current")
    if not thread.get_by_label("Your comment").is_visible():
        thread.locator("summary", has_text=re.compile("comment|Ask")).last.click()
    thread.get_by_label("Your comment").fill(ANSWER)
    thread.get_by_role("button", name="Add comment").click()
    expect(page.locator("#review li.current")).to_contain_text(ANSWER)
    maya.look("conversation", page.get_by_text("2 attempts", exact=True), height=1000)
    journey.review_open(journey.admin)
    journey.person_open(journey.admin, name)
    expect(journey.admin.locator("#review li.current")).to_contain_text(ANSWER)


def owner_corrected(maya: Walk, name: str) -> None:
    """From what the customer said straight to the setting at fault."""
    page = maya.page
    maya.journey.review_open(page)
    maya.journey.person_open(page, name)
    said = page.locator("#review li.current")
    expect(said).to_contain_text(OFF)
    said.get_by_role("link", name="Choose settings").click()
    page.locator("select[name=default_owner_id]").select_option(index=2)
    page.get_by_role("button", name="Save and check in the org").click()
    expect(page.locator("body")).to_contain_text("Saved.")


def first_created(page: Page) -> str:
    """A person of the test who was made a contact, and so has an owner to speak about."""
    rows = page.locator("#review ol.steps > li")
    for row in rows.all():
        link = row.locator("h2 a")
        if link.count():
            link.click()
        expect(row).to_have_class(re.compile("current"))
        opened = page.locator("#review li.current")
        if opened.get_by_text(re.compile("^New (contact|lead)")).count():
            return opened.get_by_role("heading").first.inner_text()
    raise AssertionError("Nobody of the test was created.")


def seen_as_the_customer(maya: Walk) -> None:
    """The customer's pages, exactly, with nothing to change; then back."""
    page = maya.customer("Northwind Traders")
    page.get_by_role("button", name="See as the customer").click()
    banner = page.get_by_text("You are looking at the pages of Northwind Traders")
    expect(banner).to_be_visible()
    maya.look("see-as-the-customer", height=1100)
    page.goto(f"{maya.journey.product.site}/settings/")
    expect(page.get_by_text("Nothing can be changed here.").first).to_be_visible()
    page.get_by_role("button", name="Back to the desk").click()
    expect(page.get_by_role("button", name="See as the customer")).to_be_visible()


def written_down(maya: Walk) -> None:
    """Who did what, the people with access, and the pack that proves it."""
    page = maya.page
    page.get_by_role("link", name="Everything that happened").click()
    expect(page.locator("#content")).to_contain_text("Maya Rao")
    maya.look("activity", height=1100)
    maya.customer("Northwind Traders")
    page.get_by_role("link", name="Roles and access").click()
    expect(page.locator("#content")).to_contain_text("Priya Shah")
    maya.look("people")
    maya.customer("Northwind Traders")
    page.get_by_role("link", name="Evidence pack").click()
    page.get_by_role("button", name=re.compile("^Make")).first.click()
    for _ in range(60):
        if page.get_by_role("link", name=re.compile("PDF")).count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_role("link", name=re.compile("PDF")).first).to_be_visible()
    maya.look("evidence", height=900)


def mails_read(maya: Walk) -> None:
    """Whose turn it is came by mail, and each person says which mails they want."""
    journey = maya.journey
    assert "Tern Logistics" in journey.mail_read(journey.manager, "Tern Logistics: connect")
    page = maya.page
    page.goto(f"{journey.product.site}/people/me/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    maya.look("my-settings")
