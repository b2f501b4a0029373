"""The rehearsal is a double: it must not share the client's mistakes."""

from __future__ import annotations

from tests.rehearsal.conftest import ROOT


def test_it_shares_no_code_with_the_rest() -> None:
    for path in (ROOT / "integrations" / "rehearsal").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["from"], ["import"]) and len(words) > 1:
                top = words[1].split(".")
                own = top[0] == "integrations" and top[1:2] == ["rehearsal"]
                project = top[0] in ("accounts", "integrations", "jobchanges", "portal", "django")
                assert own or not project, f"{path.name}: {line}"
