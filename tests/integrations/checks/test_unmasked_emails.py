"""Unmasked e-mail addresses in a sandbox, and what may write to them."""

from integrations.checks.answers import (
    READ_RECORDS,
    VIEW_SETUP,
    CannotAsk,
    FlowFacts,
    RecordCount,
    TriggerFacts,
)
from integrations.checks.unmasked_emails import UnmaskedEmails
from tests.integrations.checks.surveys import a_context, healthy

REAL = {"Lead": RecordCount(900, 0), "Contact": RecordCount(1_310, 1_204)}
MAILER = FlowFacts("Contact", "Welcome_email", "Welcome e-mail", "when a record is created")


def found_in(**answers):
    return UnmaskedEmails().run(healthy(**answers), a_context())


def test_masked_addresses_are_right():
    finding = found_in()
    assert finding.outcome == "pass"
    assert finding.found == "All 2,400 e-mail addresses are masked."


def test_unmasked_ones_are_a_warning_with_the_way_to_keep_mail_in():
    finding = found_in(emails=REAL)
    assert finding.outcome == "warning"
    assert [item.key for item in finding.items] == ["emails"]
    assert "the addresses of 1,204 contacts" in finding.items[0].sentence
    assert "Whether the sandbox sends e-mail cannot be read" in finding.items[0].sentence
    assert "System email only" in finding.items[0].fix
    assert finding.items[0].setup_path == "/lightning/setup/OrgEmailSettings/home"


def test_automation_that_seems_to_mail_is_named_with_them():
    trigger = TriggerFacts("Lead", "NotifySlack", "", ("after insert",))
    quiet = FlowFacts("Lead", "Set_region", "Set region", "when a record is created")
    finding = found_in(emails=REAL, flows=(MAILER, quiet), triggers=(trigger,))
    senders = next(item for item in finding.items if item.key.startswith("senders"))
    assert "NotifySlack and Welcome e-mail" in senders.sentence
    assert "Set region" not in senders.sentence


def test_masked_addresses_make_automation_harmless():
    assert not found_in(flows=(MAILER,)).items


def test_automation_that_cannot_be_read_does_not_spoil_the_count():
    finding = found_in(emails=REAL, flows=CannotAsk(VIEW_SETUP), triggers=CannotAsk(VIEW_SETUP))
    assert finding.outcome == "warning"
    assert not finding.missing_right


def test_addresses_that_cannot_be_counted_name_the_right():
    finding = found_in(emails=CannotAsk(READ_RECORDS))
    assert finding.outcome == "cannot"
    assert finding.missing_right == READ_RECORDS
    assert "Object Settings" in finding.items[0].fix


def test_an_org_without_addresses_is_right():
    finding = found_in(emails={"Lead": RecordCount(0, 0), "Contact": RecordCount(0, 0)})
    assert finding.outcome == "pass"
    assert finding.found == "No lead or contact has an e-mail address."
