"""A test run in the browser: put together, sent, reviewed by both sides, approved by both."""

import re

from playwright.sync_api import Page, expect

from tests.browser.journey import Journey


class Reviewing(Journey):
    """What both people do with 5 to 10 test job changes."""

    def test_put_together(self, names: list[str]) -> None:
        """The manager picks job changes that try different cases and looks at every write."""
        page = self.customer_open()
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
        page = self.desk
        for _ in range(60):
            if page.get_by_role("button", name=re.compile("^Send")).first.is_enabled():
                return
            page.wait_for_timeout(500)
            page.reload()
        raise AssertionError("The preview never came:\n" + page.locator("body").inner_text())

    def test_send(self) -> None:
        """The manager sends, after being told what will happen."""
        page = self.desk
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
        """Go to the newest test by the list: the customer's in the portal, ours on the desk."""
        if page is self.admin:
            page.goto(f"{self.product.site}/test-runs/")
            page.get_by_role("link", name=re.compile("^Test 1")).first.click()
        else:
            page.goto(f"{self.product.site}/admin/jobchanges/testrun/")
            row = page.get_by_role("row").filter(has_text=self.cast.company).first
            row.get_by_role("link", name=re.compile("[Tt]est 1")).click()
        expect(page.locator("#review")).to_be_visible()

    def person_open(self, page: Page, name: str) -> None:
        """Unfold one job change of the review."""
        link = page.locator("#review").get_by_role("link", name=re.compile(name))
        if link.count():
            link.first.click()
        expect(page.locator("#review li.current")).to_contain_text(re.compile(name))

    def say_off(self, name: str, category: str, words: str) -> None:
        """The administrator says what should be different."""
        page = self.admin
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
        """The manager reads what is off and changes the setting at fault."""
        page = self.desk
        self.review_open(page)
        self.person_open(page, name)
        expect(page.locator("#review li.current")).to_contain_text(words)
        self.look(page, "managers-review")
        page.locator("#review li.current").get_by_role("link", name="Choose settings").click()
        # New leads have the same choice.
        contacts = page.get_by_role("group", name=re.compile("Who owns a created contact"))
        contacts.get_by_label(re.compile("Always the default owner")).check()
        self.look(page, "managers-settings")
        page.get_by_role("button", name=re.compile("^Save")).click()
        expect(page.locator("body")).to_contain_text("Saved.")

    def send_again(self, name: str) -> None:
        """Sent again: the second attempt stands beside the first."""
        page = self.desk
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
        page.get_by_role("button", name=re.compile("^Approve (sandbox|production) test")).click()
        dialog = page.get_by_role("dialog")
        if dialog.count():
            dialog.get_by_role("button", name="Approve").click()
        expect(page.locator("#review")).to_contain_text(then)
