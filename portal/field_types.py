"""Fields of an org as an admin knows them: label, API name, and the type as Setup calls it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobchanges.settings_fields import FieldChoice

# As Object Manager lists them; describe has words of its own.
TYPES = {
    "string": gettext_lazy("Text"),
    "textarea": gettext_lazy("Text Area"),
    "encryptedstring": gettext_lazy("Encrypted Text"),
    "picklist": gettext_lazy("Picklist"),
    "multipicklist": gettext_lazy("Picklist (Multi-Select)"),
    "combobox": gettext_lazy("Combobox"),
    "email": gettext_lazy("Email"),
    "url": gettext_lazy("URL"),
    "phone": gettext_lazy("Phone"),
    "boolean": gettext_lazy("Checkbox"),
    "date": gettext_lazy("Date"),
    "datetime": gettext_lazy("Date/Time"),
    "int": gettext_lazy("Number"),
    "long": gettext_lazy("Number"),
    "double": gettext_lazy("Number"),
    "currency": gettext_lazy("Currency"),
    "percent": gettext_lazy("Percent"),
    "reference": gettext_lazy("Lookup"),
}


def field_words(field: FieldChoice) -> str:
    """ "Contact Status (Contact_Status__c), Picklist"."""
    named = field.label or field.name
    if field.name.endswith("__c") and field.name != named:
        named = f"{named} ({field.name})"
    kind = str(TYPES.get(field.type, field.type))
    if field.type in ("string", "textarea") and field.length:
        kind = _("%(type)s, %(length)d characters") % {"type": kind, "length": field.length}
    return f"{named}, {kind}"
