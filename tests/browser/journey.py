"""The walkthrough of the README, done by a browser: one function a step, in the person's words.

Here: connecting an org, the checklist, a test and its review. What comes after is in
`going_live.py`. Nothing looks inside the product: mails are read on the demo's mail page, records
on the rehearsal org's pages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.cast import Cast
from tests.product import PASSWORD, Product

CODE = re.compile(r"^\s*([A-Z0-9]{3,}-[A-Z0-9]{3,})\s*$", re.MULTILINE)


@dataclass
class Journey:
    """Two people at their browsers. `look` is called with every page worth a look."""

    product: Product
    cast: Cast
    customer: BrowserContext
    manager: BrowserContext
    look: Callable[[Page, str], None]
    pages: dict[str, Page] = field(default_factory=dict)
    codes_typed: set[tuple[str, str]] = field(default_factory=set)

    @property
    def admin(self) -> Page:
        """The customer's administrator's page."""
        if "admin" not in self.pages:
            self.pages["admin"] = self.customer.new_page()
        return self.pages["admin"]

    @property
    def desk(self) -> Page:
        """The implementation manager's page."""
        if "desk" not in self.pages:
            self.pages["desk"] = self.manager.new_page()
        return self.pages["desk"]

    # --- the customer connects ------------------------------------------------------------

    def mail_read(self, context: BrowserContext, subject: str) -> str:
        """The newest mail whose subject says this, as text."""
        page = context.new_page()
        page.goto(f"{self.product.site}/demo/mail/")
        found = page.get_by_role("link", name=re.compile(subject)).first
        # A worker sends it, a moment after the change it tells of.
        for _time in range(20):
            if found.count():
                break
            page.wait_for_timeout(500)
            page.reload()
        found.click()
        text = page.locator("main").inner_text()
        page.close()
        return text

    def link_open(self, environment: str) -> None:
        """The administrator opens the link in their mail."""
        page = self.admin
        page.goto(f"{self.product.site}/demo/mail/")
        self.look(page, "mail")
        subject = f"{self.cast.company}: connect your Salesforce {environment}"
        page.get_by_role("link", name=re.compile(subject)).first.click()
        page.locator('a[href*="/signup/"]').click()
        page.wait_for_url(re.compile("/signup/"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        self.look(page, "prove-your-e-mail")

    def code_prove(self, environment: str) -> None:
        """They ask for a code, read it in their mail, type it."""
        page = self.admin
        page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).click()
        self.code_type()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            re.compile(f"Connect your Salesforce {environment}")
        )
        self.look(page, "sign-up-with-salesforce")

    def code_type(self) -> None:
        """The newest code of the mail page, typed where it is asked for."""
        page = self.admin
        found = CODE.search(self.mail_read(self.customer, "code"))
        assert found, "the mail shows a code"
        page.locator("input[name=code]").fill(found[1])
        self.look(page, "type-the-code")
        page.locator("main form").filter(has=page.locator("input[name=code]")).get_by_role(
            "button"
        ).first.click()

    def salesforce_sign_up(self, environment: str) -> None:
        """One click, then Salesforce: choose the integration user, allow, confirm."""
        page = self.admin
        page.get_by_role("button", name="Sign up with Salesforce").click()
        page.get_by_text(self.cast.integration[environment], exact=True).click()
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

    def package_install(self, environment: str) -> None:
        """As administrator they install the package; the portal finds it by itself."""
        page = self.admin
        title = f"Install the {environment} package"
        # The link, not the help that names it.
        self.setup_until(title, r"Open the install page\s+\(new tab\)")
        self.look(page, "setup-package-missing")
        with self.customer.expect_page() as opened:
            page.get_by_role("link", name=re.compile("Open the install page")).click()
        salesforce = opened.value
        installer = re.escape(self.cast.installer[environment])
        salesforce.get_by_text(re.compile(rf"{installer}(\s|$)")).click()
        self.look(salesforce, "install-page")
        salesforce.get_by_label(re.compile("All Users")).check()
        salesforce.get_by_role("button", name=re.compile("Install")).click()
        expect(salesforce.locator("body")).to_contain_text(re.compile("installed|complete", re.I))
        salesforce.close()
        for _ in range(4):
            page.goto(f"{self.product.site}/")
            page.get_by_role("button", name="Check again").first.click()
            # Pressed within seconds of the last round, it says so: then once more.
            if not page.get_by_text("The org was asked a moment ago").count():
                break
            page.wait_for_timeout(5_000)
        self.setup_until(title, "Version 1.42 found")

    def setup_until(self, title: str, words: str) -> None:
        """Reload the setup until a step shows some words: works with JavaScript off, too."""
        page = self.admin
        for _ in range(60):
            page.goto(f"{self.product.site}/")
            if page.get_by_text(re.compile(words)).count():
                return
            page.wait_for_timeout(500)
        shown = page.locator("main").inner_text()
        raise AssertionError(f"“{title}” never showed “{words}”:\n{shown}")

    def step_wait(self, title: str, *, word: str = "Done") -> None:
        """The org answers for itself: reload the setup until the step says so."""
        page = self.admin
        for _ in range(120):
            page.goto(f"{self.product.site}/")
            step = page.locator("li").filter(has=page.get_by_role("heading", name=title))
            if step.locator(".chip").filter(has_text=word).count():
                return
            page.wait_for_timeout(500)
        shown = page.locator("main").inner_text()
        raise AssertionError(f"“{title}” never became “{word}”:\n{shown}")

    def org_break(self, environment: str, configuration: str) -> None:
        """Somebody changes the set-up of the org, and has it checked again."""
        self._org_control(environment, "POST", {"name": configuration})

    def org_mend(self, environment: str) -> None:
        """An administrator of the org mends what was wrong."""
        self._org_control(environment, "DELETE")

    def _org_control(self, environment: str, method: str, body: object = None) -> None:
        org = self.product.sandbox if environment == "sandbox" else self.cast_production
        answer = requests.request(method, f"{org}/rehearsal/configuration", json=body, timeout=60)
        assert answer.ok, answer.text

    @property
    def cast_production(self) -> str:
        """Address of this company's production org."""
        return f"http://127.0.0.1:{self.product.port + self.cast.production_port}"

    def check_again(self, environment: str, words: str) -> None:
        """Press "Check again" on the page of all checks; it then says these words on top."""
        page = self.admin
        for _ in range(4):
            page.goto(f"{self.product.site}/checks/{environment}/")
            page.get_by_role("button", name="Check again", exact=True).first.click()
            if not page.get_by_text("The org was asked a moment ago").count():
                break
            page.wait_for_timeout(5_000)
        for _ in range(120):
            page.goto(f"{self.product.site}/checks/{environment}/")
            asking = page.get_by_text("Being asked").count()
            if not asking and page.get_by_role("heading", name=re.compile(words)).count():
                return
            page.wait_for_timeout(500)
        raise AssertionError(f"never “{words}”:\n{page.locator('main').inner_text()}")

    def settings_choose(self, environment: str) -> None:
        """Which record a job change becomes, who owns it, which campaign it joins."""
        page = self.admin
        page.goto(f"{self.product.site}/settings/?environment={environment}")
        page.get_by_label(re.compile("Contact if the account exists")).check()
        page.locator("select[name=default_owner_id]").select_option(index=1)
        page.locator("select[name=campaign]").select_option(index=1)
        self.look(page, "where-job-changes-go")
        page.get_by_role("button", name="Save and check in the org").click()
        expect(page.locator("main")).to_contain_text("Saved")

    # --- the manager's desk ---------------------------------------------------------------

    def manager_sign_in(self) -> None:
        """With a password and the code of the phone; the home shows whose turn it is."""
        page = self.desk
        page.goto(f"{self.product.site}/admin/")
        if page.get_by_role("link", name=re.compile("[Ss]taff")).count():
            page.get_by_role("link", name=re.compile("[Ss]taff")).first.click()
        page.get_by_label(re.compile("mail")).fill(self.cast.manager_email)
        page.get_by_label(re.compile("Password")).fill(PASSWORD)
        page.get_by_role("button", name=re.compile("Sign in")).click()
        self.look(page, "second-factor")
        self.factor_prove()
        page.goto(f"{self.product.site}/admin/")
        expect(page.locator("body")).to_contain_text(self.cast.company)
        self.look(page, "managers-home")

    def factor_prove(self) -> None:
        """Type the code of the manager's authenticator app into the page that asks for it."""
        page = self.desk
        code = self.app_code(page.context, self.cast.manager_email)
        page.locator("input[name=code]").fill(code)
        page.locator("main form").filter(has=page.locator("input[name=code]")).get_by_role(
            "button"
        ).first.click()
        expect(page.locator("input[name=code]")).to_have_count(0)

    def app_code(self, context: BrowserContext, email: str) -> str:
        """What the demo's authenticator shows for this person: each code is taken once."""
        page = context.new_page()
        for _ in range(70):
            page.goto(f"{self.product.site}/demo/authenticator/")
            shown = page.locator("dt").filter(has_text=email).locator("xpath=following::dd[1]")
            code = shown.inner_text()
            if (email, code) not in self.codes_typed:
                self.codes_typed.add((email, code))
                page.close()
                return code
            page.wait_for_timeout(500)
        raise AssertionError("The demo's authenticator shows no new code.")

    def customer_open(self) -> Page:
        """The customer's page on the desk."""
        page = self.desk
        page.goto(f"{self.product.site}/admin/")
        page.get_by_role("link", name=self.cast.company).first.click()
        return page
