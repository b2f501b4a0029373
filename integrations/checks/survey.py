"""One round of questions to one org, each asked at most once and packed into few calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, overload

from integrations.checks import (
    survey_automation,
    survey_grants,
    survey_package,
    survey_pages,
    survey_records,
    survey_rights,
)
from integrations.checks.answers import CannotAsk
from integrations.checks.base import CheckContext
from integrations.checks.survey_round import Question, Questions, Round
from integrations.salesforce.client import Org
from integrations.salesforce.errors import SalesforceError
from integrations.salesforce.shapes import reading

T = TypeVar("T")


class Asked(Generic[T]):
    """An attribute of the survey: what has to be asked for it, and what the answers mean."""

    def __init__(self, questions: Callable[[Round], Questions], read: Callable[[Round], T]) -> None:
        self.questions = questions
        self.read = read

    def __set_name__(self, owner: type[Survey], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, survey: None, owner: type[Survey]) -> Asked[T]: ...

    @overload
    def __get__(self, survey: Survey, owner: type[Survey]) -> T: ...

    def __get__(self, survey: Survey | None, owner: type[Survey]) -> Asked[T] | T:
        if survey is None:
            return self
        found: T = survey.answer(self)
        return found


def _attributes(names: Iterable[str]) -> list[Asked[Any]]:
    """Attributes of a survey by name. Raises AttributeError for one that there is not."""
    return [getattr(Survey, name) for name in dict.fromkeys(names)]


class Survey:
    """What an org says about itself. Every attribute asks when it is first read, and remembers
    the answer, also a refusal: `CannotAsk` where the running user lacks a right, SalesforceError
    where the org did not answer. `ask_together` packs the questions of several attributes.

    `before_call` is told before each call; what it raises ends the survey.
    """

    def __init__(
        self,
        org: Org,
        context: CheckContext,
        *,
        user_id: str,
        before_call: Callable[[], None] = lambda: None,
    ) -> None:
        self._round = Round(org, context, user_id=user_id, before_call=before_call)
        self._known: dict[str, Any] = {}
        self._calls_before = org.calls

    def ask_together(self, needs: Iterable[str]) -> None:
        """Ask for all these attributes in as few calls as there can be. Raises nothing for a bad
        org: what it refused is raised where the attribute is read.
        """
        for _call in self.asking(needs):
            continue

    def asking(self, needs: Iterable[str]) -> Iterator[None]:
        """As `ask_together`, coming back after each call: some attributes are settled by then."""
        attributes = _attributes(needs)
        return self._round.settle(lambda: self._questions(attributes))

    def settled(self, needs: Iterable[str]) -> bool:
        """Whether reading these attributes asks nothing any more."""
        return not self._round.pending(self._questions(_attributes(needs)))

    def _questions(self, attributes: Iterable[Asked[Any]]) -> Iterator[Question]:
        for attribute in attributes:
            try:
                with reading(attribute.name):
                    yield from list(attribute.questions(self._round))
            except (CannotAsk, SalesforceError):
                # An answer of another form brings up no further questions; reading it says so.
                continue

    def answer(self, attribute: Asked[T]) -> T:
        """The value of an attribute; raises what kept it from being found out, each time."""
        if attribute.name not in self._known:
            self.ask_together([attribute.name])
            try:
                with reading(attribute.name):
                    self._known[attribute.name] = attribute.read(self._round)
            except (CannotAsk, SalesforceError) as error:
                self._known[attribute.name] = error
        found: Any = self._known[attribute.name]
        if isinstance(found, Exception):
            raise found
        value: T = found
        return value

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return self._round.org.calls - self._calls_before

    @property
    def failed(self) -> SalesforceError | None:
        """Why the org is not asked any further: it answers nothing, or not us. Else None."""
        return self._round.dead

    @property
    def answered(self) -> bool:
        """Whether the org answered anything at all."""
        return self._round.answered

    organization = Asked(survey_rights.organization_asked, survey_rights.organization_from)
    user = Asked(survey_rights.user_asked, survey_rights.user_from)
    # Effective system permissions of the running user by name without "Permissions", such as
    # "ViewSetup"; one that the org does not know is missing.
    system_permissions = Asked(
        survey_rights.system_permissions_asked, survey_rights.system_permissions_from
    )
    permission_sets = Asked(survey_rights.permission_sets_asked, survey_rights.permission_sets_from)
    # Missing: not there, or hidden from the user.
    described = Asked(survey_rights.described_asked, survey_rights.described_from)
    # The owner that the settings name; None: none is named, or not in this org.
    owner = Asked(survey_rights.owner_asked, survey_rights.owner_from)
    # Of the people in turn, those who are in this org, by id.
    turn_owners = Asked(survey_rights.turn_owners_asked, survey_rights.turn_owners_from)

    package = Asked(survey_package.package_asked, survey_package.package_from)
    manifest = Asked(survey_package.manifest_asked, survey_package.manifest_from)
    # Object to API names of all its fields, also those hidden from the user (FieldDefinition).
    defined_fields = Asked(survey_package.defined_fields_asked, survey_package.defined_fields_from)

    # Of the package's object and the objects of the list; sets that an active user has.
    object_grants = Asked(survey_grants.object_grants_asked, survey_grants.object_grants_from)
    # Of the package's fields.
    field_grants = Asked(survey_grants.field_grants_asked, survey_grants.field_grants_from)
    profiles = Asked(survey_grants.profiles_asked, survey_grants.profiles_from)
    roles = Asked(survey_grants.roles_asked, survey_grants.roles_from)

    validation_rules = Asked(
        survey_automation.validation_rules_asked, survey_automation.validation_rules_from
    )
    triggers = Asked(survey_automation.triggers_asked, survey_automation.triggers_from)
    flows = Asked(survey_automation.flows_asked, survey_automation.flows_from)
    duplicate_rules = Asked(
        survey_automation.duplicate_rules_asked, survey_automation.duplicate_rules_from
    )
    # Names of the active ones for leads.
    assignment_rules = Asked(
        survey_automation.assignment_rules_asked, survey_automation.assignment_rules_from
    )
    lead_mapping = Asked(
        survey_automation.lead_mapping_asked, survey_automation.lead_mapping_from_org
    )

    # The chosen one; None: none chosen, not there, or hidden.
    campaign = Asked(survey_records.campaign_asked, survey_records.campaign_from)
    # DataStorageMB.Max; None: the org does not say.
    storage_mb = Asked(survey_records.limits_asked, survey_records.storage_from)
    storage_left_mb = Asked(survey_records.limits_asked, survey_records.storage_left_from)
    usage = Asked(survey_records.limits_asked, survey_records.usage_from)
    record_counts = Asked(survey_records.record_counts_asked, survey_records.record_counts_from)
    # Of the context's past records, those that are in this org.
    existing_ids = Asked(survey_records.existing_ids_asked, survey_records.existing_ids_from)
    # Lead and Contact; sandbox only.
    emails = Asked(survey_records.emails_asked, survey_records.emails_from)

    # Lead, Contact, Account.
    layouts = Asked(survey_pages.layouts_asked, survey_pages.layouts_from)
    record_pages = Asked(survey_pages.record_pages_asked, survey_pages.record_pages_from)
