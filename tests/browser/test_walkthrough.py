"""The README's walkthrough, from the mailed link to a sandbox test approved by both sides.

With `WALKTHROUGH_PICTURES=1` the desktop walk makes the README's pictures.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, WITHOUT_SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PICKS = ["Cathy Manning", "Felicia Roth", "Ryan Patel", "Domińczak", "Gerhard Mohaupt"]
PICKS += ["吉田", "Hailey Kolen", "José Gude"]
# A validation rule of the rehearsal orgs wants an e-mail or a phone for leads in Germany.
REFUSED = "José has neither an e-mail nor a phone number; our rule stays."


@pytest.mark.parametrize(
    "screen",
    [
        pytest.param(DESKTOP, id="desktop"),
        pytest.param(PHONE, id="phone"),
        pytest.param(WITHOUT_SCRIPT, id="javascript off"),
    ],
)
def test_from_the_link_to_an_approved_sandbox_test(journey_at, screen):
    journey, eye = journey_at(screen)
    expect.set_options(timeout=20_000)

    journey.link_open()
    journey.code_prove()
    journey.salesforce_sign_up()
    journey.package_install()
    journey.step_confirm("Give the integration user its permissions", "permissions")
    journey.settings_choose()
    journey.step_confirm("Show job changes on your pages", "layouts")
    journey.step_confirm("Map lead fields for conversion", "lead-conversion")

    journey.manager_sign_in()
    journey.test_put_together(PICKS)
    journey.test_send()

    assert "Northwind Traders" in journey.mail_read(journey.customer, "ready|review")
    journey.say_off("Cathy Manning", "Owner", "The owner should be the default owner.")
    journey.settings_correct("Cathy Manning", "The owner should be the default owner.")
    journey.send_again("Cathy Manning")
    journey.say_everything(journey.maya, len(PICKS), REFUSED)
    journey.say_everything(journey.priya, len(PICKS), REFUSED)
    journey.approve(journey.priya, "Approved for Customer by Priya Shah")
    journey.approve(journey.maya, "Approved by both sides")

    priya = journey.priya
    priya.goto(f"{journey.product.site}/test-runs/1/")
    expect(priya.locator("main")).to_contain_text("Approved by both sides")
    eye(priya, "approved")
    priya.goto(f"{journey.product.site}/")
    expect(priya.locator("main")).to_contain_text("7 of 7 steps done")
    eye(priya, "sandbox-done")
    for address, name in (("orgs/", "salesforce-orgs"), ("activity/", "activity")):
        priya.goto(f"{journey.product.site}/{address}")
        eye(priya, name)
    journey.org_compare(len(PICKS) - 1, corrected="Cathy Manning")
    assert not eye.problems, "\n".join(eye.problems)
