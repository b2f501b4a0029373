"""Looks at pages in Chromium without a server: each request is answered by Django's test client.

So a page is seen in the world of the test's own transaction. What is looked for on every page, at
1280 px in light and dark and at 320 px: axe's rules, nothing wider than the screen, no layout
shift, nothing from elsewhere, no complaint of the console or the content policy, and the budgets
of bytes.
"""

import contextvars
import gzip
import mimetypes
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, Route

SITE = "http://localhost"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 800}
# Of a page of the portal (ui.md); the desk has Django's own files beside ours.
HTML_BYTES, CSS_BYTES, DESK_CSS_BYTES, SCRIPT_BYTES = 40_000, 12_000, 16_000, 20_000
# Less than this share of the screen is a rounding, not a shift.
SEEN = 0.0005
# Enabled beyond axe's own choice: WCAG 2.2's size of what is pressed.
RULES = {"target-size": {"enabled": True}}
LOOK = """options => {
    document.getAnimations().forEach(one => one.finish());
    return axe.run(document, options).then(found => found.violations.map(one =>
        [one.id, one.nodes.map(node => node.target.join(" ") + " " + node.html.slice(0, 160))]));
}"""
WIDER = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.body.querySelectorAll("*")]
        .filter(one => one.getBoundingClientRect().right > wide + 1 && !one.querySelector("*"))
        .slice(0, 4).map(one => one.outerHTML.slice(0, 120));
}"""
# Before the page's own words: what moved, and what its policy refused.
LISTEN = """
    window.moved = [];
    new PerformanceObserver(list => list.getEntries().forEach(one => {
        if (!one.hadRecentInput) window.moved.push([one.value,
            one.sources.map(from => from.node && from.node.nodeType === 1
                ? from.node.outerHTML.slice(0, 120) : String(from.node))]);
    })).observe({ type: "layout-shift", buffered: true });
    document.addEventListener("securitypolicyviolation", broken =>
        console.error(`policy: ${broken.violatedDirective} ${broken.blockedURI}`));
"""
PICTURES = os.environ.get("CATALOGUE_PICTURES")


@dataclass
class Looker:
    """One Chromium page that shows what Django's client answers."""

    browser: Browser
    problems: list[str] = field(default_factory=list)
    # How many bytes each file of css and js has, compressed.
    sizes: dict[str, int] = field(default_factory=dict)
    answer: Callable[[str], HttpResponse] | None = None

    def __post_init__(self) -> None:
        """Open the page, once for all that is looked at."""
        context = self.browser.new_context(
            viewport=WIDE, color_scheme="light", reduced_motion="reduce"
        )
        self.page: Page = context.new_page()
        self.page.add_init_script(LISTEN)
        self.page.add_init_script(Axe().axe_script)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.said.append(f"script: {error}"))
        self.page.route("**/*", self._serve)
        self.said: list[str] = []
        self.loaded: list[str] = []
        self.failed: list[BaseException] = []

    def close(self) -> None:
        """Close the page."""
        self.page.context.close()

    def told(self) -> str:
        """What is wrong, and forget it."""
        problems, self.problems = self.problems, []
        return "\n".join(problems)

    def look(
        self, name: str, client: Client, path: str, data: dict[str, Any] | None = None
    ) -> None:
        """Look at one address as the client's person; with `data` at the answer to a form."""
        first = client.get(path) if data is None else client.post(path, data)
        kind = first.headers.get("Content-Type", "")
        if not kind.startswith("text/html") or b"<html" not in first.content[:2000]:
            self.problems.append(f"{name}: {first.status_code}, no page of its own (NO_PAGE)")
            return
        found = self._look(client, path, first)
        if PICTURES:
            self._picture(name)
        self.problems += [f"{name}: {problem}" for problem in found]

    def _look(self, client: Client, path: str, first: HttpResponse) -> list[str]:
        self.said, self.loaded, self.failed = [], [], []
        given = [first]

        def answer(asked: str) -> HttpResponse:
            if given:
                return given.pop()
            return client.get(asked, HTTP_HX_REQUEST="true")

        # Playwright calls back beside this code, where Django would have another connection.
        here = contextvars.copy_context()
        self.answer = lambda asked: here.run(answer, asked)
        page = self.page
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        page.goto(SITE + path, wait_until="load")
        problems = [f"axe {rule}: {'; '.join(at[:4])}" for rule, at in self._axe()]
        moved = page.evaluate("window.moved")
        problems += [f"moves by {by:.4f}: {at}" for by, at in moved if by > SEEN]
        page.emulate_media(color_scheme="dark")
        problems += [
            f"in dark: axe {rule}: {'; '.join(at[:4])}" for rule, at in self._axe(dark=True)
        ]
        page.set_viewport_size(NARROW)
        if wider := page.evaluate(WIDER):
            problems.append(f"wider than 320 px: {wider}")
        problems += self._budgets(path, first)
        problems += [f"from elsewhere: {url}" for url in self.loaded if not url.startswith(SITE)]
        problems += self.said + [repr(error) for error in self.failed]
        return problems

    def _axe(self, *, dark: bool = False) -> list[tuple[str, list[str]]]:
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False, "rules": RULES}
        if dark:
            options = {**options, "runOnly": ["color-contrast", "link-in-text-block"], "rules": {}}
        found: list[tuple[str, list[str]]] = self.page.evaluate(LOOK, options)
        return found

    def _budgets(self, path: str, first: HttpResponse) -> list[str]:
        """HTML as it is; what the page loads, compressed, without Django's own files."""
        found = []
        desk = path.startswith("/admin/")
        if not desk and len(first.content) > HTML_BYTES:
            found.append(f"{len(first.content)} bytes of HTML")
        for kind, most in (("css", DESK_CSS_BYTES if desk else CSS_BYTES), ("js", SCRIPT_BYTES)):
            asked = {urlsplit(url).path for url in self.loaded if url.endswith(f".{kind}")}
            counted = {name: self.sizes[name] for name in asked if "/static/admin/" not in name}
            if sum(counted.values()) > most:
                found.append(f"{sum(counted.values())} bytes of {kind}: {counted}")
        return found

    def _picture(self, name: str) -> None:
        """At 320 px in dark, as it stands, and at 1280 px in light."""
        folder = Path(str(PICTURES))
        folder.mkdir(parents=True, exist_ok=True)
        file = re.sub(r"\W+", "-", name).strip("-").lower()[:120]
        self.page.screenshot(path=folder / f"{file}-320.png", full_page=True, caret="initial")
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")
        self.page.screenshot(path=folder / f"{file}.png", full_page=True, caret="initial")

    def _heard(self, message: Any) -> None:
        # An answer of 4xx is a page like others here.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.said.append(f"console: {message.text}")

    def _serve(self, route: Route) -> None:
        url = route.request.url
        self.loaded.append(url)
        parts = urlsplit(url)
        try:
            if parts.path.startswith(settings.STATIC_URL):
                self._serve_file(route, parts.path)
                return
            assert self.answer is not None
            response = self.answer(f"{parts.path}?{parts.query}" if parts.query else parts.path)
            body = b"".join(response) if response.streaming else response.content
            route.fulfill(status=response.status_code, headers=dict(response.items()), body=body)
        except Exception as error:  # noqa: BLE001 (told with the page's other problems)
            self.failed.append(error)
            route.abort()

    def _serve_file(self, route: Route, path: str) -> None:
        file = finders.find(path.removeprefix(settings.STATIC_URL))
        if file is None:
            self.said.append(f"there is no {path}")
            route.fulfill(status=404)
            return
        body = Path(str(file)).read_bytes()
        self.sizes.setdefault(path, len(gzip.compress(body)))
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        route.fulfill(status=200, content_type=kind, body=body)
