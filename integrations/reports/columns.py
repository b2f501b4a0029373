"""Which column of a report is what we need: guessed from its words, decided by a person.

The four are those that the vendor asks for (contact-tracking, section 13).
"""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WANTED = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "email": gettext_lazy("E-mail"),
    "company": gettext_lazy("Company"),
}
# Words of a column, letters only; the first that fits wins, names of fields before labels.
_WORDS = {
    "first_name": ("firstname", "contactfirstname", "givenname"),
    "last_name": ("lastname", "contactlastname", "surname", "familyname"),
    "email": ("email", "contactemail", "emailaddress", "workemail"),
    "company": ("accountname", "company", "companyaccount", "companyname", "account"),
}
# Where the access to what a column shows is given, in words for the fix.
_FIELDS = {
    "first_name": gettext_lazy("Name"),
    "last_name": gettext_lazy("Name"),
    "email": gettext_lazy("Email"),
    "company": gettext_lazy("Account Name or Company"),
}


def columns_guess(columns: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Our word to the name of the column that looks like it; what nothing looks like is left out.

    A column serves one purpose. `columns` have `name`, `label` and `type`.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for wanted, words in _WORDS.items():
        name = _first(columns, words, taken)
        if not name and wanted == "email":
            name = next((c["name"] for c in columns if c["type"] == "email"), "")
        if name:
            found[wanted] = name
            taken.add(name)
    return found


def column_problems(
    columns: Sequence[Mapping[str, str]], chosen: Mapping[str, str]
) -> list[dict[str, str]]:
    """What is missing before the report can be used: `wanted`, `sentence` and `fix` each."""
    there = {column["name"] for column in columns}
    problems = []
    for wanted, label in WANTED.items():
        if chosen.get(wanted) in there:
            continue
        sentence = _("No column for %(what)s is chosen.") % {"what": label}
        if chosen.get(wanted):
            sentence = _("The column for %(what)s is not in the report any more.") % {"what": label}
        fix = _(
            "Choose the column. If it is not in the list: edit the report in Salesforce and "
            "add it. If it is there and still missing here, the integration user may not read "
            "%(field)s: as administrator, Permission Sets, UserGems Integration, Object "
            "Settings, tick Read Access. Then check again."
        ) % {"field": _FIELDS[wanted]}
        problems.append({"wanted": wanted, "sentence": sentence, "fix": fix})
    return problems


def _first(columns: Sequence[Mapping[str, str]], words: Sequence[str], taken: set[str]) -> str:
    for word in words:
        for column in columns:
            if column["name"] in taken:
                continue
            if word in (_letters(column["name"]), _letters(column["label"])):
                return column["name"]
    return ""


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
