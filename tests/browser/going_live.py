"""From an approved sandbox test, or straight from the link, to live in production.

The same journey as in the README: production is set up, its test is allowed and reviewed, both
sides sign, the first batch is released, and the org is asked whether the numbers add up.
"""

import re
from collections.abc import Callable

import requests
from playwright.sync_api import Page, expect

from tests.browser.reviewing import Reviewing

WAIT = 500  # milliseconds between two looks at a page that moves by itself


class GoingLive(Reviewing):
    """What both people do in production."""

    # --- production is set up -------------------------------------------------------------

    def production_link_send(self) -> None:
        """The manager sends the production link, from the customer's page."""
        page = self.customer_open()
        page.get_by_role("link", name=re.compile("^Send a (sign-up )?link")).first.click()
        page.get_by_label("Name of the person").fill(self.cast.admin)
        page.get_by_label("Work e-mail").fill(self.cast.admin_email)
        page.get_by_label("Production", exact=True).check()
        self.look(page, "managers-link")
        page.get_by_role("button", name="Send the link").click()
        expect(page.locator("body")).to_contain_text(self.cast.admin_email)

    def link_open_again(self) -> None:
        """The administrator is signed in already: the link leads on, or asks for a fresh code."""
        page = self.admin
        self.link_open("production")
        # With a code typed minutes ago one click does; otherwise a new one is mailed.
        known = page.get_by_role("button", name=re.compile("^Continue as"))
        if known.count():
            known.click()
        else:
            page.get_by_role("button", name="Mail me a code").click()
            self.code_type()
        expect(page.get_by_role("button", name="Sign up with Salesforce")).to_be_visible()
        self.look(page, "connect-production")

    def worksheet_look(self) -> None:
        """What of the tested sandbox goes into production, part by part."""
        page = self.admin
        page.goto(f"{self.product.site}/worksheet/")
        expect(page.locator("main")).to_contain_text("Never in a change set")
        self.look(page, "worksheet")

    def people_choose(self) -> None:
        """Where the list of people comes from: by file."""
        page = self.admin
        page.goto(f"{self.product.site}/?step=production.people")
        page.get_by_label(re.compile("A file that we send")).check()
        self.look(page, "people")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("main")).to_contain_text(re.compile("A file that we send"))

    def mirror_look(self) -> None:
        """The tested sandbox beside production: nothing is left open."""
        page = self.admin
        page.goto(f"{self.product.site}/mirror/")
        expect(page.locator("main")).to_contain_text(re.compile("matches|alike", re.IGNORECASE))
        self.look(page, "mirror")

    def reports_choose(self, name: str) -> None:
        """The list of people is a report of production: chosen, understood, its first rows seen."""
        page = self.admin
        page.goto(f"{self.product.site}/?step=production.people")
        page.get_by_label(re.compile("Tracking reports")).check()
        page.get_by_role("button", name="Save", exact=True).click()
        page.goto(f"{self.product.site}/reports/")
        page.get_by_role("button", name="Show the reports of production").click()
        row = page.locator("li").filter(has_text=name)
        self._until(page, lambda: row.count() > 0, name)
        self.look(page, "reports-to-choose")
        row.get_by_role("button", name=re.compile("^Choose")).click()
        self._until(page, lambda: page.get_by_text("Readable").count() > 0, "Readable")
        self.look(page, "reports")
        page.get_by_role("button", name=re.compile("^Show the first rows")).click()
        expect(page.locator("main table tbody tr")).to_have_count(5)
        self.look(page, "report-rows")
        self.step_wait("Say where your list of people comes from")

    def _until(self, page: Page, found: Callable[[], bool], what: str) -> None:
        """Reload until something is there: works with JavaScript off, too."""
        for _ in range(120):
            page.goto(f"{self.product.site}/reports/")
            if found():
                return
            page.wait_for_timeout(WAIT)
        raise AssertionError(f"never “{what}”:\n{page.locator('main').inner_text()}")

    # --- the production test --------------------------------------------------------------

    def production_test_put_together(self, count: int) -> None:
        """The manager picks from those who were not tried in the sandbox."""
        page = self.customer_open()
        page.get_by_role("link", name=re.compile("Pick job changes")).first.click()
        for row in range(count):
            page.locator("input[type=checkbox][name=pick]").nth(row).check()
        page.get_by_role("button", name="Put together").click()
        for _ in range(120):
            if page.get_by_role("button", name="Offer it to the customer").count():
                break
            page.wait_for_timeout(WAIT)
            page.reload()
        self.look(page, "managers-offer")
        page.get_by_role("button", name="Offer it to the customer").click()
        self.answer(page, "Offer it")
        expect(page.locator("body")).to_contain_text("waiting for their allowance")

    def production_test_allow(self) -> None:
        """The administrator sees every write and allows it once, with a fresh code."""
        page = self.admin
        page.goto(f"{self.product.site}/test-runs/")
        page.get_by_role("link", name=re.compile("^Test 1")).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Allow the production test")
        self.fresh_code(page, "Send me a code")
        self.look(page, "allow-the-production-test")
        page.get_by_role("button", name="Allow this production test").click()
        self.answer(page, "Allow it")
        expect(page.locator("main")).to_contain_text("Hash of what was allowed")

    # --- both sign ------------------------------------------------------------------------

    def summary_prepare(self) -> None:
        """The manager freezes the summary; the org is asked what the first batch would do."""
        page = self.go_live_open()
        page.get_by_role("button", name="Prepare the summary").click()
        for _ in range(240):
            page.goto(page.url.split("#")[0])
            if page.get_by_text("What the first batch will do").count():
                break
            page.wait_for_timeout(WAIT)
        expect(page.locator("main, #content").first).to_contain_text("What the first batch will do")

    def vendor_signs(self) -> None:
        """For UserGems, with the second factor proven just now."""
        page = self.go_live_open()
        prove = page.get_by_role("link", name="Prove your second factor, then sign")
        if prove.count():
            prove.click()
            self.factor_prove()
        page.locator("#sign").get_by_role("checkbox").check()
        self.look(page, "managers-sign")
        page.get_by_role("button", name="Sign go-live").click()
        expect(page.locator("body")).to_contain_text("You signed go-live for UserGems")

    def customer_signs(self) -> None:
        """For the company, with a fresh code; the window is the customer's to choose."""
        page = self.admin
        page.goto(f"{self.product.site}/go-live/")
        self.fresh_code(page, "Prove your e-mail, then sign")
        page.locator("#sign").get_by_role("checkbox").check()
        self.look(page, "sign-go-live")
        page.get_by_role("button", name="Sign go-live").click()
        expect(page.locator("main")).to_contain_text(re.compile("You signed|signed by both"))
        self.look(page, "signed")

    # --- the first batch ------------------------------------------------------------------

    def release(self) -> None:
        """The manager lets the first batch go, inside the window."""
        page = self.go_live_open()
        prove = page.get_by_role("link", name="Prove your second factor, then release")
        if prove.count():
            prove.click()
            self.factor_prove()
        self.look(page, "managers-release")
        page.get_by_role("button", name="Release the first batch").click()
        self.answer(page, "Release it")
        expect(page.locator("#batch")).to_be_visible()

    def batch_watch(self) -> None:
        """The administrator follows it until it is through."""
        page = self.admin
        page.goto(f"{self.product.site}/go-live/")
        expect(page.locator("#batch")).to_be_visible()
        self.look(page, "first-batch-on-its-way")
        for _ in range(600):
            page.goto(f"{self.product.site}/go-live/")
            if page.get_by_role("link", name=re.compile("CSV")).count():
                break
            page.wait_for_timeout(WAIT)
        self.look(page, "live")
        page.goto(f"{self.product.site}/")
        expect(page.locator("main")).to_contain_text(re.compile("live", re.IGNORECASE))
        self.look(page, "home-live")

    def org_compare(self) -> None:
        """The org has each delivered job change once; reconcile asks it and says so."""
        said = self.product.manage("reconcile", "--customer", self.cast.slug)
        org = f"http://127.0.0.1:{self.product.port + self.cast.production_port}"
        address = f"{org}/rehearsal/records/UserGem__UserGem__c?fields=UserGem__DeliveryKey__c"
        keys = [row["UserGem__DeliveryKey__c"] for row in requests.get(address, timeout=60).json()]
        assert keys, said
        assert len(keys) == len(set(keys)), said
        shown = self.product.manage("reconcile", "--customer", self.cast.slug, "--json")
        assert f"{len(keys)}" in shown, said

    # --- what the above share -------------------------------------------------------------

    def go_live_open(self) -> Page:
        """The manager's page of going live."""
        page = self.customer_open()
        page.get_by_role(
            "link", name=re.compile("^(Open the go-live summary|Open the first batch|Go live)")
        ).first.click()
        expect(page.locator("#go-live")).to_be_visible()
        return page

    def fresh_code(self, page: Page, label: str) -> None:
        """Prove the e-mail again where the page asks for it; back on the same page."""
        asked = page.get_by_role("link", name=label)
        if not asked.count():
            return
        asked.click()
        page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).first.click()
        self.code_type()
        expect(page.locator("input[name=code]")).to_have_count(0)

    def answer(self, page: Page, button: str) -> None:
        """Answer the question that a script asks first; without one nothing is asked."""
        dialog = page.get_by_role("dialog")
        if dialog.count():
            dialog.get_by_role("button", name=button, exact=True).click()
