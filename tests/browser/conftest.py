"""A real Chromium, the whole product, and an eye for what is wrong on a page."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browser.cast import Cast
from tests.browser.going_live import GoingLive
from tests.browser.looking import Looker
from tests.product import Product, product_running
from tests.servers import postgresql
from tests.tools import chromium_path

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "walkthrough"
# The pages that the README shows.
SHOWN = {
    "sign-up-with-salesforce",
    "right-org-right-user",
    "setup-package-missing",
    "checks-to-fix",
    "where-job-changes-go",
    "managers-home",
    "managers-preview",
    "something-is-off",
    "refused",
    "worksheet",
    "mirror",
    "allow-the-production-test",
    "sign-go-live",
    "first-batch-on-its-way",
    "live",
}
TIMEOUT = 20_000
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}
WITHOUT_SCRIPT = {**DESKTOP, "java_script_enabled": False}


# Pages of the walks that axe has seen in this process.
LOOKED_AT: set[str] = set()
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Remember that the test failed, so that its pages are kept as pictures."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The machine's Chromium; Playwright's own cannot be fetched everywhere."""
    arguments = ["--disable-gpu", "--disable-quic", "--no-first-run"]
    arguments += ["--disable-background-networking", "--disable-component-update"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {"executable_path": chromium_path(), "args": arguments}


@pytest.fixture(scope="session", autouse=True)
def _django_beside_playwright(playwright: Playwright) -> Iterator[None]:
    """Playwright keeps an event loop in this thread, beside which Django would not answer.

    It is there before any test's connection to the database: one made earlier would be another.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="module")
def looker(browser: Browser) -> Iterator[Looker]:
    """Chromium's page for the catalogue."""
    made = Looker(browser)
    yield made
    made.close()


# So many job changes are enough for a journey, its refused person among them.
ENOUGH = "720"


@pytest.fixture
def product(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Product]:
    """Everything running, with a database of its own: SQLite, or `@pytest.mark.on_postgresql`.

    `@pytest.mark.all_rows`: with all job changes of the demo.
    """
    rows = "0" if request.node.get_closest_marker("all_rows") else ENOUGH
    with ExitStack() as stack:
        database = {}
        if request.node.get_closest_marker("on_postgresql"):
            database = {"DATABASE_URL": stack.enter_context(postgresql())}
        running = stack.enter_context(product_running(tmp_path, DEMO_ROWS=rows, **database))
        yield running
        # Rule 5, over the whole journey.
        asked = requests.get(f"{running.sandbox}/rehearsal/calls", timeout=30).json()
        assert asked["reports_ever"] == 0


class Eye:
    """Looks at pages: console errors, accessibility, width; takes the README's pictures."""

    def __init__(self, product: Product, *, script: bool, pictures: bool) -> None:
        self.product = product
        self.script = script
        self.pictures = pictures
        self.problems: list[str] = []
        self.seen: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Collect what the console complains about, a broken content policy among it."""

        def heard(message: Any) -> None:
            if message.type == "error":
                self.problems.append(f"console: {message.text} ({message.page.url})")

        context.on("console", heard)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))

    def __call__(self, page: Page, name: str) -> None:
        """Look at one page, when it stands still."""
        page.wait_for_load_state("load")
        page.locator("h1").first.wait_for()
        self.seen.append(name)
        if self.pictures and name in SHOWN and name not in self.seen[:-1]:
            PICTURES.mkdir(parents=True, exist_ok=True)
            # Hiding the caret would put a style into the page, which its policy refuses.
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True, caret="initial")
        if not self.script:
            return
        wider = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wider > 1:
            self.problems.append(f"{name}: {wider} px wider than the screen")
        # The catalogue looks at every page; here once at what the real product shows.
        if name in LOOKED_AT:
            return
        LOOKED_AT.add(name)
        options = {"preload": False, "resultTypes": ["violations"]}
        for violation in Axe().run(page, options=options).response["violations"]:
            if violation["impact"] in {"serious", "critical"}:
                targets = [node["target"] for node in violation["nodes"]][:3]
                self.problems.append(f"{name}: axe {violation['id']} at {targets}")


@pytest.fixture
def journey_at(
    product: Product, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., tuple[GoingLive, Eye]]]:
    """Makes the journey for a customer's screen; pictures of the pages where a test failed."""
    made: list[GoingLive] = []

    def make(cast: Cast, screen: dict[str, Any]) -> tuple[GoingLive, Eye]:
        customer = browser.new_context(**screen)
        manager = browser.new_context(**DESKTOP)
        eye = Eye(
            product,
            script=screen.get("java_script_enabled", True),
            pictures=bool(os.environ.get("WALKTHROUGH_PICTURES")) and screen is DESKTOP,
        )
        for context in (customer, manager):
            context.set_default_timeout(TIMEOUT)
            eye.watch(context)
        made.append(GoingLive(product, cast, customer, manager, eye))
        return made[-1], eye

    yield make
    failed = request.node.stash.get(FAILED, False)
    for journey in made:
        for who, page in journey.pages.items():
            if failed and not page.is_closed():
                folder = ROOT / "test-results"
                folder.mkdir(exist_ok=True)
                name = re.sub(r"\W+", "-", request.node.name)
                page.screenshot(path=folder / f"{name}-{who}.png", full_page=True)
        journey.customer.close()
        journey.manager.close()
