"""Reading a survey for a snapshot: what may not be asked is noted, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from integrations.checks.answers import CannotAsk
from integrations.checks.base import CheckContext
from integrations.checks.survey import Survey
from integrations.checks.written import objects_created, objects_written
from integrations.salesforce.describe import ObjectDescribe
from integrations.salesforce.manifest import PackageManifest

Answer = TypeVar("Answer")

# Without these nothing can be written to an object at all; else a plan leaves a field out.
_WITHOUT_WHICH_NOTHING = {
    "Lead": ("LastName", "Company"),
    "Contact": ("LastName",),
    "Account": ("Name",),
    "CampaignMember": ("CampaignId", "LeadId", "ContactId"),
}


class Taking:
    """One survey being turned into a content. SalesforceError of the survey passes."""

    def __init__(self, survey: Survey, context: CheckContext) -> None:
        self.survey = survey
        self.context = context
        self.unreadable: dict[str, str] = {}
        self.manifest: PackageManifest | None = self._quietly(lambda: survey.manifest)
        self.described = self.ask("custom_fields.fields", lambda: survey.described) or {}
        # Object to all its fields; empty where the user may not know of hidden ones.
        self.defined = self._quietly(lambda: survey.defined_fields) or {}
        self.created = objects_created(context, self.manifest)
        self.objects = sorted({*objects_written(context, self.manifest), "Account"})

    def ask(self, part: str, question: Callable[[], Answer]) -> Answer | None:
        """An answer; None, with the missing right noted for the part, where it may not be asked."""
        try:
            return question()
        except CannotAsk as refused:
            self.cannot(part, refused.right)
            return None

    def cannot(self, part: str, right: str = "") -> None:
        """Note that a part cannot be read; no right where the org does not say."""
        self.unreadable.setdefault(part, right)

    def _quietly(self, question: Callable[[], Answer]) -> Answer | None:
        try:
            return question()
        except CannotAsk:
            return None

    def written_fields(self, name: str) -> frozenset[str]:
        """Fields of an object that plans fill, on creating or on changing."""
        created = self.context.fields_created.get(name, frozenset())
        return created | self.context.fields_updated.get(name, frozenset())

    def package_fields(self, name: str) -> frozenset[str]:
        """Fields of an object that the package brings, as the portal knows it."""
        return self.manifest.fields_on(name) if self.manifest else frozenset()

    def is_package(self, name: str) -> bool:
        """Whether a field or object is the package's."""
        return self.manifest is not None and name.startswith(self.manifest.prefix)

    def exists(self, described: ObjectDescribe, field: str) -> bool | None:
        """Whether a field is there; None where hidden and missing cannot be told apart."""
        if field in described.fields:
            return True
        known = self.defined.get(described.name)
        return None if known is None else field in known

    def is_essential(self, name: str, field: str) -> bool:
        """Whether nothing can be written without that field: the key, and who it is about."""
        if self.manifest is not None and name == self.manifest.object_name:
            return field in {self.manifest.key_field, self.manifest.attempt_field}
        return field in _WITHOUT_WHICH_NOTHING.get(name, ())
