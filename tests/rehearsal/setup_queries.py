"""Queries of set-up objects, and an integration user with fewer rights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integrations.rehearsal.config import ADMIN_USER, INTEGRATION_USER
from tests.rehearsal.local import LocalOrg


def low_rights(*removed: str) -> dict[str, Any]:
    rights = tuple(item for item in INTEGRATION_USER.permissions if item not in removed)
    return {"users": (ADMIN_USER, replace(INTEGRATION_USER, permissions=rights))}


def query(org: LocalOrg, soql: str, tooling: bool = False) -> list[dict[str, Any]]:
    answer = ask(org, soql, tooling)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["records"]
    return found


def ask(org: LocalOrg, soql: str, tooling: bool = False) -> Any:
    return org.api("GET", f"{'/tooling' if tooling else ''}/query", query_string={"q": soql})
