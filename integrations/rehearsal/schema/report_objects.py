"""Reports and their folders."""

from __future__ import annotations

from integrations.rehearsal.schema.fields import check, lookup, moment, pick, text
from integrations.rehearsal.schema.setup_objects import setup_object

REPORT = setup_object(
    "Report",
    "Report",
    "00O",
    lookup("OwnerId", "Folder ID", "Folder|User"),
    text("FolderName", "Folder Name", 256),
    text("Name", "Report Name", 40, name_field=True),
    text("Description", "Description", 255),
    text("DeveloperName", "Report Unique Name", 80),
    text("NamespacePrefix", "Namespace Prefix", 15),
    moment("LastRunDate", "Last Run"),
    pick("Format", "Format", "Tabular|Summary|Matrix|MultiBlock", 40),
    check("IsDeleted", "Deleted"),
    right="RunReports",
)
FOLDER = setup_object(
    "Folder",
    "Folder",
    "00l",
    text("Name", "Name", 80, name_field=True),
    text("DeveloperName", "Folder Unique Name", 80),
    pick("AccessType", "Access Type", "Shared|Public|Hidden", 40),
    pick("Type", "Type", "Report|Dashboard|Document|Email", 40),
    text("NamespacePrefix", "Namespace Prefix", 15),
)
