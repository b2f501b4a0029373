"""What a production knows of its sandboxes."""

from __future__ import annotations

from integrations.rehearsal.access import Access
from integrations.rehearsal.setup.made import made, setup_id
from integrations.rehearsal.store import Row
from integrations.rehearsal.world import Org


def _copies(access: Access) -> list[Org]:
    own = access.org.config.key
    return [org for org in access.org.neighbors() if org.config.sandbox_of == own]


def _infos(access: Access) -> list[Row]:
    return [
        made(
            access.org,
            Id=setup_id(access.org, "0GQ", copy.config.key),
            SandboxName=copy.config.sandbox_name,
            LicenseType=copy.config.sandbox_license,
            HistoryDays=0,
            AutoActivate=True,
        )
        for copy in _copies(access)
    ]


def _processes(access: Access) -> list[Row]:
    """One row for each time a sandbox was copied: its first org, and the one it is now."""
    return [
        made(
            access.org,
            Id=setup_id(access.org, "0GR", copy.config.key, config.org_id),
            SandboxInfoId=setup_id(access.org, "0GQ", copy.config.key),
            SandboxName=config.sandbox_name,
            SandboxOrganization=config.org_id[:15],
            LicenseType=config.sandbox_license,
            Status="Completed",
            CopyProgress=100,
            StartDate=config.created,
            EndDate=config.created,
        )
        for copy in _copies(access)
        for config in {one.org_id: one for one in (copy.base, copy.config)}.values()
    ]


MAKERS = {"SandboxInfo": _infos, "SandboxProcess": _processes}
