"""The customer's reports: a few definitions; their rows come from the CRM when they are run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from integrations.rehearsal.access import Access
from integrations.rehearsal.seed import fixed_id
from integrations.rehearsal.setup.made import made
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org

TRACKING_FOLDER = ("UserGems tracking", "UserGems_tracking")
PRIVATE_FOLDER = "Private Reports"
# Which orgs were ever asked for a report, or for the list of them, however often they were reset
# since: a vendor that promises to read none in a sandbox can be held to it.
ASKED: Counter[str] = Counter()
# Kept for each report: when it was last run; for each kind of run: those of the last hour.
RUNS = "report_runs"


@dataclass(frozen=True)
class Column:
    """A report column: its API name, label, data type, and the field it shows.

    `record` is the field with the id of the record that the value links to.
    """

    name: str
    label: str
    data_type: str
    path: str
    record: str = ""


@dataclass(frozen=True)
class ReportType:
    """What can be reported on."""

    name: str
    label: str
    sobject: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """A column by its API name."""
        return next((item for item in self.columns if item.name == name), None)


@dataclass(frozen=True)
class ReportFilter:
    """A custom filter, as in `reportFilters`."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True)
class Report:
    """A saved tabular report; a private one is its owner's alone."""

    report_id: str
    developer_name: str
    name: str
    type: ReportType
    columns: tuple[str, ...]
    filters: tuple[ReportFilter, ...] = ()
    private: bool = False
    description: str = ""


CONTACTS = ReportType(
    "ContactList",
    "Contacts & Accounts",
    "Contact",
    (
        Column("CONTACT_ID", "Contact ID", "id", "Id"),
        Column("FIRST_NAME", "First Name", "string", "FirstName", "Id"),
        Column("LAST_NAME", "Last Name", "string", "LastName", "Id"),
        Column("TITLE", "Title", "string", "Title"),
        Column("EMAIL", "Email", "email", "Email"),
        Column("PHONE1", "Phone", "phone", "Phone"),
        Column("ACCOUNT_ID", "Account ID", "id", "AccountId"),
        Column("ACCOUNT.NAME", "Account Name", "string", "Account.Name", "AccountId"),
        Column("URL", "Website", "url", "Account.Website"),
        Column("TYPE", "Type", "picklist", "Account.Type"),
        Column("INDUSTRY", "Industry", "picklist", "Account.Industry"),
        Column("CREATED_DATE", "Created Date", "datetime", "CreatedDate"),
    ),
)
LEADS = ReportType(
    "LeadList",
    "Leads",
    "Lead",
    (
        Column("LEAD_ID", "Lead ID", "id", "Id"),
        Column("FIRST_NAME", "First Name", "string", "FirstName", "Id"),
        Column("LAST_NAME", "Last Name", "string", "LastName", "Id"),
        Column("TITLE", "Title", "string", "Title"),
        Column("COMPANY", "Company / Account", "string", "Company"),
        Column("EMAIL", "Email", "email", "Email"),
        Column("LEAD_SOURCE", "Lead Source", "picklist", "LeadSource"),
        Column("STATUS", "Lead Status", "picklist", "Status"),
        Column("COUNTRY", "Country", "string", "Country"),
        Column("CREATED_DATE", "Created Date", "datetime", "CreatedDate"),
    ),
)
_PERSON = ("FIRST_NAME", "LAST_NAME", "TITLE", "EMAIL")
REPORTS = (
    Report(
        fixed_id("00O", 1),
        "Champions_to_track",
        "Champions to track",
        CONTACTS,
        ("CONTACT_ID", *_PERSON, "ACCOUNT.NAME", "ACCOUNT_ID", "URL"),
        description="Everybody we know, with the account they are at.",
    ),
    Report(
        fixed_id("00O", 2),
        "Customer_contacts",
        "Customer contacts",
        CONTACTS,
        ("CONTACT_ID", *_PERSON, "ACCOUNT.NAME", "TYPE"),
        (ReportFilter("TYPE", "equals", "Customer"),),
    ),
    Report(
        fixed_id("00O", 3),
        "Leads_from_events",
        "Leads from events",
        LEADS,
        ("LEAD_ID", *_PERSON, "COMPANY", "STATUS"),
        (
            ReportFilter("LEAD_SOURCE", "equals", "Event"),
            ReportFilter("STATUS", "notEqual", "Closed - Converted"),
        ),
    ),
    Report(
        fixed_id("00O", 4),
        "My_scratch_list",
        "My scratch list",
        LEADS,
        ("LAST_NAME", "COMPANY"),
        private=True,
    ),
)


def report_by_id(access: Access, report_id: str) -> Report | None:
    """A report the user may see, by its 15- or 18-character id."""
    for report in visible_reports(access):
        if report.report_id[:15] == report_id[:15] and report_id in (
            report.report_id,
            report.report_id[:15],
        ):
            return report
    return None


def visible_reports(access: Access) -> list[Report]:
    """Reports in shared folders, and the user's own private ones."""
    owner = access.org.config.users[0].user_id
    return [item for item in REPORTS if not item.private or access.user["Id"] == owner]


def _folder_id() -> str:
    return fixed_id("00l", 1)


def _rows(access: Access) -> list[Row]:
    org = access.org
    ASKED[org.base.key] += 1
    return [
        made(
            org,
            Id=report.report_id,
            OwnerId=org.config.users[0].user_id if report.private else _folder_id(),
            FolderName=PRIVATE_FOLDER if report.private else TRACKING_FOLDER[0],
            Name=report.name,
            Description=report.description or None,
            DeveloperName=report.developer_name,
            LastRunDate=last_run(org, report),
            Format="Tabular",
            IsDeleted=False,
        )
        for report in visible_reports(access)
    ]


def last_run(org: Org, report: Report) -> str | None:
    """When the report was last run, or None."""
    row = org.space.get(RUNS, report.report_id)
    return row["at"] if row else None


def _folders(access: Access) -> list[Row]:
    name, developer_name = TRACKING_FOLDER
    values = {"Name": name, "DeveloperName": developer_name, "AccessType": "Public"}
    return [made(access.org, Id=_folder_id(), Type="Report", **values)]


MAKERS = {"Report": _rows, "Folder": _folders}
