"""The walkthrough of the README, done by a browser: one function a step, in the person's words.

Nothing here looks inside the product: mails are read on the demo's mail page, records on the
rehearsal org's pages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.product import PASSWORD, Product

ADMIN = "priya.shah@northwind.example"
MANAGER = "maya.rao@usergems.example"
INTEGRATION_USER = "usergems.integration@northwind.example.full"
CODE = re.compile(r"^\s*([A-Z0-9]{3,}-[A-Z0-9]{3,})\s*$", re.MULTILINE)


@dataclass
class Journey:
    """Two people at their browsers. `look` is called with every page worth a look."""

    product: Product
    customer: BrowserContext
    manager: BrowserContext
    look: Callable[[Page, str], None]
    pages: dict[str, Page] = field(default_factory=dict)

    @property
    def priya(self) -> Page:
        """The customer's administrator's page."""
        if "priya" not in self.pages:
            self.pages["priya"] = self.customer.new_page()
        return self.pages["priya"]

    @property
    def maya(self) -> Page:
        """The implementation manager's page."""
        if "maya" not in self.pages:
            self.pages["maya"] = self.manager.new_page()
        return self.pages["maya"]

    # --- the customer connects ------------------------------------------------------------

    def mail_read(self, context: BrowserContext, subject: str) -> str:
        """The newest mail whose subject says this, as text."""
        page = context.new_page()
        page.goto(f"{self.product.site}/demo/mail/")
        page.get_by_role("link", name=re.compile(subject)).first.click()
        text = page.locator("main").inner_text()
        page.close()
        return text

    def link_open(self) -> None:
        """Priya opens the link in her mail."""
        page = self.priya
        page.goto(f"{self.product.site}/demo/mail/")
        self.look(page, "mail")
        page.get_by_role("link", name=re.compile("connect your Salesforce sandbox")).click()
        page.locator('a[href*="/signup/"]').click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        self.look(page, "prove-your-e-mail")

    def code_prove(self) -> None:
        """She asks for a code, reads it in her mail, types it."""
        page = self.priya
        page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).click()
        found = CODE.search(self.mail_read(self.customer, "code"))
        assert found, "the mail shows a code"
        page.locator("input[name=code]").fill(found[1])
        self.look(page, "type-the-code")
        page.locator("main form").filter(has=page.locator("input[name=code]")).get_by_role(
            "button"
        ).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Connect your Salesforce sandbox")
        self.look(page, "sign-up-with-salesforce")

    def salesforce_sign_up(self) -> None:
        """One click, then Salesforce: choose the integration user, allow, confirm."""
        page = self.priya
        page.get_by_role("button", name="Sign up with Salesforce").click()
        page.get_by_text(INTEGRATION_USER).click()
        self.look(page, "salesforce-sign-in")
        page.locator("main form button, form button").first.click()
        page.get_by_role("button", name=re.compile("^Allow")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Is this the right org and the right user?"
        )
        self.look(page, "right-org-right-user")
        page.get_by_role("button", name="Yes, connect this org").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up Salesforce")

    # --- the checklist --------------------------------------------------------------------

    def package_install(self) -> None:
        """As administrator she installs the package; the portal finds it by itself."""
        page = self.priya
        self.setup_until("Install the sandbox package", "Open the install page")
        self.look(page, "setup-package-missing")
        with self.customer.expect_page() as opened:
            page.get_by_role("link", name=re.compile("Open the install page")).click()
        salesforce = opened.value
        salesforce.get_by_text("priya.shah@northwind.example.full").click()
        self.look(salesforce, "install-page")
        salesforce.get_by_label(re.compile("All Users")).check()
        salesforce.get_by_role("button", name=re.compile("Install")).click()
        expect(salesforce.locator("body")).to_contain_text(re.compile("installed|complete", re.I))
        salesforce.close()
        page.get_by_role("button", name="Check again").first.click()
        self.setup_until("Install the sandbox package", "Version 1.42 found")

    def setup_until(self, title: str, words: str) -> None:
        """Reload the setup until a step shows some words: works with JavaScript off, too."""
        page = self.priya
        for _ in range(60):
            page.goto(f"{self.product.site}/")
            if page.get_by_text(re.compile(words)).count():
                return
            page.wait_for_timeout(500)
        shown = page.locator("main").inner_text()
        raise AssertionError(f"“{title}” never showed “{words}”:\n{shown}")

    def step_confirm(self, title: str, name: str) -> None:
        """Open a step, tick its statement, confirm; it then says who did, and "not checked"."""
        page = self.priya
        page.goto(f"{self.product.site}/")
        step = page.locator("li").filter(has=page.get_by_role("heading", name=title))
        if not step.get_by_role("checkbox").count():
            step.get_by_role("link", name=title).click()
            step = page.locator("li").filter(has=page.get_by_role("heading", name=title))
        step.get_by_role("checkbox").check()
        self.look(page, f"setup-{name}")
        step.get_by_role("button", name="Confirm this step").click()
        expect(
            page.locator("li").filter(has=page.get_by_role("heading", name=title))
        ).to_contain_text(re.compile("confirmed by Priya Shah, not checked", re.IGNORECASE))

    def settings_choose(self) -> None:
        """Which record a job change becomes, who owns it, which campaign it joins."""
        page = self.priya
        page.goto(f"{self.product.site}/settings/?environment=sandbox")
        page.get_by_label(re.compile("Contact if the account exists")).check()
        page.locator("select[name=default_owner_id]").select_option(index=1)
        page.locator("select[name=campaign]").select_option(index=1)
        self.look(page, "where-job-changes-go")
        page.get_by_role("button", name="Save and check in the org").click()
        expect(page.locator("main")).to_contain_text("Saved")

    # --- the manager sends ----------------------------------------------------------------

    def manager_sign_in(self) -> None:
        """Maya signs in with her password; her home shows whose turn it is."""
        page = self.maya
        page.goto(f"{self.product.site}/admin/")
        if page.get_by_role("link", name=re.compile("[Ss]taff")).count():
            page.get_by_role("link", name=re.compile("[Ss]taff")).first.click()
        page.get_by_label(re.compile("mail")).fill(MANAGER)
        page.get_by_label(re.compile("Password")).fill(PASSWORD)
        page.get_by_role("button", name=re.compile("Sign in")).click()
        page.goto(f"{self.product.site}/admin/")
        expect(page.locator("body")).to_contain_text("Northwind Traders")
        self.look(page, "managers-home")

    def test_put_together(self, names: list[str]) -> None:
        """She picks job changes that try different cases and looks at every write."""
        page = self.maya
        page.goto(f"{self.product.site}/admin/")
        page.get_by_role("link", name="Northwind Traders").first.click()
        self.look(page, "managers-customer")
        page.get_by_role("link", name=re.compile("[Pp]ick|[Cc]andidates")).first.click()
        for name in names:
            page.get_by_label("Name or company").fill(name)
            page.get_by_role("button", name="Show", exact=True).click()
            page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Count what they cover").click()
        self.look(page, "managers-picks")
        page.get_by_role("button", name="Put together").click()
        self.preview_wait()
        self.look(page, "managers-preview")

    def preview_wait(self) -> None:
        """Until the org was asked what each job change would meet."""
        page = self.maya
        for _ in range(60):
            if page.get_by_role("button", name=re.compile("^Send")).first.is_enabled():
                return
            page.wait_for_timeout(500)
            page.reload()
        raise AssertionError("The preview never came:\n" + page.locator("body").inner_text())

    def test_send(self) -> None:
        """She sends, after being told what will happen."""
        page = self.maya
        page.get_by_role("button", name=re.compile("^Send")).first.click()
        dialog = page.get_by_role("dialog")
        if dialog.count():
            self.look(page, "managers-send")
            dialog.get_by_role("button").last.click()
        expect(page.locator("#review")).to_be_visible()
        for _ in range(90):
            page.reload()
            if page.get_by_text(re.compile("agreed or set aside")).count():
                return
            page.wait_for_timeout(500)
        raise AssertionError("The test never came to review:\n" + page.locator("body").inner_text())

    # --- both review ----------------------------------------------------------------------

    def review_open(self, page: Page) -> None:
        """Go to the review: the customer by its list, the manager stays where the test is."""
        if page is self.priya:
            page.goto(f"{self.product.site}/test-runs/")
            page.get_by_role("link", name=re.compile("^Test 1")).click()
        else:
            page.goto(f"{self.product.site}/admin/jobchanges/testrun/")
            page.get_by_role("link", name=re.compile("test 1|Test 1")).first.click()
        expect(page.locator("#review")).to_be_visible()

    def person_open(self, page: Page, name: str) -> None:
        """Unfold one job change of the review."""
        link = page.locator("#review").get_by_role("link", name=re.compile(name))
        if link.count():
            link.first.click()
        expect(page.locator("#review li.current")).to_contain_text(re.compile(name))

    def say_off(self, name: str, category: str, words: str) -> None:
        """Priya says what should be different."""
        page = self.priya
        self.review_open(page)
        self.person_open(page, name)
        row = page.locator("#review li.current")
        row.locator("summary", has_text="Something is off").click()
        row.get_by_label("What is it about?").select_option(label=category)
        row.get_by_label("What should be different?").fill(words)
        self.look(page, "something-is-off")
        row.get_by_role("button", name=re.compile("Save “Something is off”")).click()
        expect(page.locator("#review li").filter(has_text=name)).to_contain_text(
            re.compile("You: something is off|Something is off, said by|You said", re.IGNORECASE)
        )

    def settings_correct(self, name: str, words: str) -> None:
        """Maya reads what is off and changes the setting at fault."""
        page = self.maya
        self.review_open(page)
        self.person_open(page, name)
        expect(page.locator("#review li.current")).to_contain_text(words)
        self.look(page, "managers-review")
        page.locator("#review li.current").get_by_role("link", name="Choose settings").click()
        page.get_by_label(re.compile("Always the default owner")).check()
        self.look(page, "managers-settings")
        page.get_by_role("button", name=re.compile("^Save")).click()
        expect(page.locator("body")).to_contain_text("Saved.")

    def send_again(self, name: str) -> None:
        """She sends the job change again; the second attempt stands beside the first."""
        page = self.maya
        self.review_open(page)
        self.person_open(page, name)
        page.locator("#review li.current").get_by_role("button", name="Send again").click()
        dialog = page.get_by_role("dialog")
        if dialog.count():
            dialog.get_by_role("button").last.click()
        expect(page.locator("body")).to_contain_text("is being sent again")
        for _ in range(60):
            self.review_open(page)
            self.person_open(page, name)
            if page.get_by_text("2 attempts").count():
                return
            page.wait_for_timeout(500)
        raise AssertionError("The second attempt never came:\n" + page.locator("body").inner_text())

    def say_everything(self, page: Page, total: int, aside: str) -> None:
        """One side speaks on every job change: "Looks right", or "Set aside" where refused."""
        self.review_open(page)
        for number in range(total):
            row = page.locator("#review li.current")
            if number == 1:
                self.look(page, "review")
            before = row.get_attribute("id")
            right = row.get_by_role("button", name="Looks right")
            if right.count():
                right.click()
            else:
                self.look(page, "refused")
                row.locator("summary", has_text="Set aside").click()
                row.get_by_label("Why does it not count for this test?").fill(aside)
                row.get_by_role("button", name=re.compile("Save “Set aside”")).click()
            if number + 1 < total:
                expect(page.locator(f"#review li.current:not(#{before})")).to_have_count(1)
        for _ in range(20):
            if not page.get_by_text("Your turn", exact=True).count():
                return
            page.wait_for_timeout(250)
            self.review_open(page)
        raise AssertionError("Still this side's turn:\n" + page.locator("#review").inner_text())

    def approve(self, page: Page, then: str) -> None:
        """One side approves; the page says so in these words."""
        self.review_open(page)
        for question in ("seen_as_rep", "lead_converted"):
            answer = page.locator(f"input[name={question}][value=yes]")
            if answer.count():
                answer.check()
        self.look(page, "approve")
        page.get_by_role("button", name="Approve sandbox test").click()
        dialog = page.get_by_role("dialog")
        if dialog.count():
            dialog.get_by_role("button", name="Approve").click()
        expect(page.locator("#review")).to_contain_text(then)

    # --- and the org ----------------------------------------------------------------------

    def org_compare(self, total: int, corrected: str) -> None:
        """The org holds one UserGem for each delivered job change, not one more.

        And the contact whose owner was off has the default owner now.
        """
        address = f"{self.product.sandbox}/rehearsal/records/UserGem__UserGem__c"
        records = requests.get(address, timeout=20).json()
        keys = [record["UserGem__DeliveryKey__c"] for record in records]
        assert len(keys) == len(set(keys)) == total, keys
        page = self.priya
        page.goto(f"{self.product.site}/test-runs/1/?open=1")
        expect(page.locator("#review li.current")).to_contain_text(corrected)
        row = page.locator("#review li.current tr").filter(has=page.get_by_text("Owner"))
        expect(row.first).to_contain_text("Amy Brown")
