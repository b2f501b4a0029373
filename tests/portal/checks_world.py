"""Points that checks may find, and the words of a page, for the tests of pages about checks."""

import re

from integrations.checks.base import Item

SANDBOX = "/checks/sandbox/"
TITLE = Item(
    key="Contact.fields.edit:Title",
    outcome="fail",
    sentence="Contact: Title is read-only for the integration user",
    fix="Permission Sets, UserGems Integration, Object Settings, Contacts: tick Edit Access.",
    who="administrator",
    setup_path="/lightning/setup/PermSets/home",
)
PRIVATE = Item("Lead", "warning", "Leads are private in this org", "Roles: move it up.")


def words(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", text).replace("&quot;", '"').replace("&#x27;", "'")
