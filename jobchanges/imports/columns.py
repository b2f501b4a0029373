"""The columns of a job-change file (contact-tracking reference, section 9; data/README.md)."""

from __future__ import annotations

COLUMNS: tuple[str, ...] = (
    "id",
    "kind",
    "first_name",
    "last_name",
    "linkedin_url",
    "person_country",
    "person_state",
    "phone",
    "past_email",
    "past_company_name",
    "past_title",
    "past_contact_id",
    "past_lead_id",
    "past_account_id",
    "relationship_type",
    "new_email",
    "new_company_name",
    "new_company_domain",
    "new_company_website",
    "new_company_employees",
    "new_company_country",
    "new_company_city",
    "new_title",
    "job_started_date",
    "role_started_date",
    "is_target_company",
    "detected_at",
)
# A file without one of these is another file.
REQUIRED_COLUMNS: tuple[str, ...] = (
    "id",
    "kind",
    "first_name",
    "last_name",
    "past_email",
    "past_company_name",
    "relationship_type",
    "new_company_name",
    "detected_at",
)
# Cells that no row may leave empty, whatever its kind.
REQUIRED_CELLS: tuple[str, ...] = (
    "id",
    "kind",
    "last_name",
    "past_company_name",
    "relationship_type",
    "detected_at",
)
# What each kind adds; and what contradicts it.
REQUIRED_BY_KIND: dict[str, tuple[str, ...]] = {
    "joined": ("new_company_name",),
    "left": (),
    "promotion": ("new_title",),
}
LEFT_CONTRADICTS: tuple[str, ...] = (
    "new_company_name",
    "new_company_domain",
    "new_email",
    "new_title",
)
ID_PREFIXES: dict[str, str] = {
    "past_contact_id": "003",
    "past_lead_id": "00Q",
    "past_account_id": "001",
}
EMAILS: tuple[str, ...] = ("past_email", "new_email")
ADDRESSES: tuple[str, ...] = ("linkedin_url", "new_company_website")
DATES: tuple[str, ...] = ("job_started_date", "role_started_date")
