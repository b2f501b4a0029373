"""A person who has no mouse: Tab, Shift+Tab, Enter, Space and Escape, and nothing else."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page

MOST_STOPS = 250
WAIT = 20_000
FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const label = one.labels && one.labels.length ? one.labels[0].innerText : "";
    window.stops = (window.stops || 0);
    one.dataset.stop = one.dataset.stop || String(++window.stops);
    return {
        key: one.dataset.stop,
        name: (one.getAttribute("aria-label") || label || one.innerText || one.value || one.title
            || "").trim().replace(/\\s+/g, " "),
        tag: one.tagName.toLowerCase(),
        kind: one.type || "",
        checked: Boolean(one.checked),
        seen: one.matches(":focus-visible") && box.width > 0 && box.height > 0
            && box.bottom > 0 && box.top < innerHeight
            && ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
                || style.boxShadow !== "none"),
        inDialog: Boolean(one.closest("dialog[open]")),
        html: one.outerHTML.slice(0, 120),
    };
}"""


@dataclass
class Keyboard:
    """What the person presses; every stop on the way must be seen."""

    page: Page

    def where(self) -> dict:
        """What has the focus."""
        nothing = {"key": "", "name": "", "tag": "body", "kind": "", "inDialog": False}
        return self.page.evaluate(FOCUSED) or nothing

    def to(self, name: str, *, tag: str = "", kind: str = "", nth: int = 0) -> dict:
        """Tab on until something of this name (a pattern) has the focus; the `nth` such stop."""
        before, passed = None, []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.where()
            if stop["key"]:
                assert stop["seen"], f"the focus cannot be seen at {stop['html']}"
                # A date's parts are stops of one field.
                same = stop["key"] == before and not stop["kind"].startswith("date")
                assert not same, f"Tab does not leave {stop['html']}"
            before = stop["key"] or None
            passed.append(stop["name"])
            fits = re.search(name, stop["name"]) and tag in {"", stop["tag"]}
            if fits and kind in {"", stop["kind"]}:
                if not nth:
                    return stop
                nth -= 1
        raise AssertionError(f"Tab never came to “{name}” on {self.page.url}, but to {passed[:80]}")

    def press(self, name: str, key: str = "Enter", **which) -> None:
        """Go there and press it."""
        self.to(name, **which)
        self.page.keyboard.press(key)

    def open(self, name: str, **which) -> None:
        """Go to what leads to another page, and follow it."""
        self.to(name, **which)
        with self.page.expect_navigation(timeout=WAIT):
            self.page.keyboard.press("Enter")

    def asked(self, name: str, answer: str) -> None:
        """Press what asks first: Escape gives the focus back; then the answer is taken."""
        self.press(name)
        dialog = self.page.get_by_role("dialog")
        dialog.wait_for()
        assert self.where()["inDialog"], "the dialog has the focus"
        for _ in range(5):
            self.page.keyboard.press("Tab")
            stop = self.where()
            assert stop["inDialog"] or stop["tag"] == "body", "Tab stays in the dialog"
        self.page.keyboard.press("Escape")
        dialog.wait_for(state="hidden")
        stop = self.where()
        assert re.search(name, stop["name"]), f"the focus went to {stop} when the dialog closed"
        self.page.keyboard.press("Enter")
        dialog.wait_for()
        self.to(answer)
        with self.page.expect_navigation(timeout=WAIT):
            self.page.keyboard.press("Enter")
