"""Creating, changing and deleting records, with everything the platform does on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.rehearsal import automation, ids, rules
from integrations.rehearsal.access import Access
from integrations.rehearsal.campaigns import add_member_statuses
from integrations.rehearsal.convert import to_stored
from integrations.rehearsal.errors import SalesforceError, not_found, refuse
from integrations.rehearsal.keeping import person_name
from integrations.rehearsal.options import Options
from integrations.rehearsal.schema import Field, SObject
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import now

FIRST_NUMBER = 62**4
PERSONS = ("Contact", "Lead")


@dataclass
class Writer:
    """Writes of one user; each public method is one transaction (or a savepoint of a larger)."""

    access: Access
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.space = self.access.org.space
        self.user_id: str = self.access.user["Id"]

    def create(self, sobject: SObject, values: Mapping[str, Any]) -> str:
        """A new record; returns its id."""
        if not sobject.createable:
            message = f"entity type {sobject.name} does not support create"
            raise refuse("INVALID_TYPE_FOR_OPERATION", message)
        if not self.access.may_create(sobject):
            message = f"entity type cannot be inserted: {sobject.label}"
            raise refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, [])
        if self.access.org.config.storage_full:
            raise refuse("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded", [])
        self._check_lock(sobject, "000000000000000AAA")
        with self.space.transaction():
            given = dict(self._given(sobject, values, "create"))
            key = ids.make(
                sobject.key_prefix or "000",
                self.space.count_up(sobject.key_prefix or "000", FIRST_NUMBER),
            )
            row: Row = {"Id": key, **self._defaults(sobject), **given}
            automation.assign(self.access, sobject, row, self.options.assignment)
            rules.complete_record_type(self.access, sobject, row)
            stamp = now()
            row.update(CreatedDate=stamp, CreatedById=self.user_id)
            self._touch(row, stamp)
            for name_field in sobject.fields:
                if name_field.auto_number:
                    number = self.space.count_up(f"{sobject.name}.{name_field.name}", 1)
                    row[name_field.name] = name_field.auto_number.format(number)
            self._finish(sobject, row, None)
            if sobject.name == "Campaign":
                add_member_statuses(self.space, key, self.user_id, stamp)
            automation.plan_flows(self.access.org, sobject, row)
        return key

    def update(self, sobject: SObject, key: str, values: Mapping[str, Any]) -> None:
        """Change a record's named fields."""
        if not sobject.updateable:
            message = f"entity type {sobject.name} does not support update"
            raise refuse("INVALID_TYPE_FOR_OPERATION", message)
        if not self.access.may_edit(sobject):
            message = "insufficient access rights on object id"
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", message, [])
        self._check_lock(sobject, key)
        with self.space.transaction():
            before = self._live(sobject, key)
            if sobject.name == "Lead" and before.get("IsConverted"):
                raise refuse("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
            self.options.check_unmodified(before["LastModifiedDate"])
            row = {**before, **dict(self._given(sobject, values, "update"))}
            automation.assign(self.access, sobject, row, self.options.assignment)
            self._touch(row, now())
            self._finish(sobject, row, before)

    def delete(self, sobject: SObject, key: str) -> None:
        """Delete a record and what belongs to it; lookups to it are emptied."""
        if not sobject.deletable:
            message = f"entity type {sobject.name} does not support delete"
            raise refuse("INVALID_TYPE_FOR_OPERATION", message)
        if not self.access.may_delete(sobject):
            message = "insufficient access rights on object id"
            raise refuse("INSUFFICIENT_ACCESS_OR_READONLY", message, [])
        self._check_lock(sobject, key)
        with self.space.transaction():
            row = self._live(sobject, key)
            self.options.check_unmodified(row["LastModifiedDate"])
            self._remove(sobject, row)
            automation.run_triggers(self.access, sobject, "delete")

    def upsert(
        self, sobject: SObject, name: str, value: str, values: Mapping[str, Any],
        update_only: bool = False,
    ) -> tuple[str, bool]:  # fmt: skip
        """Create or change by external id; returns id and whether it was created.

        Raises SalesforceError 404 if the field is no external id the user may see, and
        `Ambiguous` if the value stands on several records. An empty value matches nothing and is
        not kept, so that it inserts every time.
        """
        with self.space.transaction():
            external, matches = self.external_matches(sobject, name, value)
            if value == "" and not update_only:
                return self.create(sobject, values), True
            if len(matches) > 1:
                raise Ambiguous([row["Id"] for row in matches])
            if matches:
                self.update(sobject, matches[0]["Id"], values)
                return matches[0]["Id"], False
            if update_only or external.name == "Id":
                raise not_found()
            return self.create(sobject, {**values, external.name: value}), True

    def external_matches(self, sobject: SObject, name: str, value: str) -> tuple[Field, list[Row]]:
        """The external id field and the live records that have the value."""
        external = self.access.field(sobject, name)
        if external is None or not (external.external_id or external.id_lookup):
            message = f"Provided external ID field does not exist or is not accessible: {name}"
            raise not_found(message)
        if value == "":
            return external, []
        if external.name == "Id":
            row = self.space.get(sobject.name, ids.to18(value) or "")
            return external, [row] if row and not row.get("IsDeleted") else []
        rows = self.space.find(sobject.name, external.name, [value])

        def same(stored: Any) -> bool:
            if external.case_sensitive or not isinstance(stored, str):
                return bool(stored == value)
            return stored.lower() == value.lower()

        return external, [
            row for row in rows if same(row.get(external.name)) and not row.get("IsDeleted")
        ]

    # Steps

    def _check_lock(self, sobject: SObject, key: str) -> None:
        if self.access.fault("lock_row", sobject=sobject.name):
            message = f"unable to obtain exclusive access to this record or 1 records: {key}"
            raise refuse("UNABLE_TO_LOCK_ROW", message, [])

    def _given(
        self, sobject: SObject, values: Mapping[str, Any], operation: str
    ) -> Iterator[tuple[str, Any]]:
        """The request's fields as stored values; unknown, hidden and closed ones are refused."""
        closed = []
        for name, value in values.items():
            if name == "attributes":
                continue
            known = self.access.field(sobject, name)
            parent = self.access.relationship(sobject, name) if known is None else None
            if parent and isinstance(value, dict):
                known, value = parent, self._parent_id(parent, value)
            if known is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                raise refuse("INVALID_FIELD", message)
            if known.name == "Id" and operation == "create":
                message = "cannot specify Id in an insert call"
                raise refuse("INVALID_FIELD_FOR_INSERT_UPDATE", message, ["Id"])
            if not self.access.writable(sobject, known, operation):
                closed.append(known.name)
                continue
            stored = to_stored(known, value)
            if stored is not None and known.type == "reference":
                rules.check_reference(self.access, sobject, known, stored)
            yield known.name, stored
        if closed:
            message = (
                f"Unable to create/update fields: {', '.join(closed)}. Please check the security "
                "settings of this field and verify that it is read/write for your profile or "
                "permission set."
            )
            raise refuse("INVALID_FIELD_FOR_INSERT_UPDATE", message, closed)

    def _parent_id(self, reference: Field, value: Mapping[str, Any]) -> str:
        """The id of a parent named by its external id, such as `"Account": {"Ext__c": "7"}`."""
        attributes = value.get("attributes")
        kind = attributes.get("type") if isinstance(attributes, dict) else None
        named = [(name, item) for name, item in value.items() if name != "attributes"]
        target = self.access.sobject(kind if isinstance(kind, str) else reference.reference_to[0])
        if target is None or target.name not in reference.reference_to or len(named) != 1:
            message = f"Cannot deserialize instance of {reference.relationship} from START_OBJECT"
            raise refuse("JSON_PARSER_ERROR", message)
        name, wanted = named[0][0], str(named[0][1])
        _, found = self.external_matches(target, name, wanted)
        if len(found) > 1:
            raise ambiguous(name, [row["Id"] for row in found])
        if not found:
            message = (
                f"Foreign key external ID: {wanted} not found for field {name} in entity "
                f"{target.name}"
            )
            raise refuse("INVALID_FIELD", message, [])
        return str(found[0]["Id"])

    def _defaults(self, sobject: SObject) -> Row:
        return {item.name: item.default for item in sobject.fields if item.default is not None}

    def _touch(self, row: Row, stamp: str) -> None:
        row.update(LastModifiedDate=stamp, LastModifiedById=self.user_id, SystemModstamp=stamp)

    def _finish(self, sobject: SObject, row: Row, before: Row | None) -> None:
        """Computed values, then checks in the platform's order, then keep."""
        moment = "update" if before else "insert"
        if sobject.name in PERSONS:
            row["Name"] = person_name(row)
        if sobject.name == "Lead" and row.get("Status") is None:
            row["Status"] = "Open - Not Contacted"
        if sobject.field("OwnerId") and not row.get("OwnerId"):
            row["OwnerId"] = self.user_id
        rules.check_required(sobject, row)
        rules.check_validation_rules(self.access, sobject, row, moment)
        if sobject.name == "CampaignMember":
            rules.complete_member(self.access, row)
        rules.check_unique(self.space, sobject, row)
        rules.check_duplicates(self.access, sobject, row, before, self.options.allow_duplicates)
        stored = {name: value for name, value in row.items() if value is not None}
        self.space.put(sobject.name, row["Id"], stored)
        automation.run_triggers(self.access, sobject, moment)

    def _live(self, sobject: SObject, key: str) -> Row:
        row = self.space.get(sobject.name, key)
        if row is None:
            raise not_found()
        if row.get("IsDeleted"):
            raise refuse("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
        return row

    def _remove(self, sobject: SObject, row: Row) -> None:
        key = row["Id"]
        for child in self.access.org.schema.values():
            for reference in child.fields:
                if sobject.name in reference.reference_to:
                    self._release(child, reference, key)
        if sobject.hard_delete:
            self.space.drop(sobject.name, key)
            return
        row = {**row, "IsDeleted": True}
        self._touch(row, now())
        self.space.put(sobject.name, key, row)

    def _release(self, child: SObject, reference: Field, key: str) -> None:
        cascades = reference.on_delete == "cascade"
        if not cascades and reference.name in ("OwnerId", "LeadOrContactId"):
            return
        for row in self.space.find(child.name, reference.name, [key]):
            if row.get(reference.name) != key or row.get("IsDeleted"):
                continue
            if cascades:
                self._remove(child, row)
            else:
                kept = {name: value for name, value in row.items() if name != reference.name}
                self.space.put(child.name, row["Id"], kept)


class Ambiguous(Exception):
    """An external id that stands on several records."""

    def __init__(self, record_ids: list[str]) -> None:
        super().__init__(record_ids)
        self.record_ids = record_ids


def ambiguous(name: str, record_ids: list[str]) -> SalesforceError:
    """What a call that cannot answer 300 says of an external id on several records."""
    text = f"{name}: more than one record found for external id field: [{', '.join(record_ids)}]"
    return refuse("DUPLICATE_EXTERNAL_ID", text, [])
