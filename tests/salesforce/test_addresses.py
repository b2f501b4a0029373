"""Nothing above the client knows an address of Salesforce's API, or speaks past its door."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "integrations", "jobchanges", "portal", "templates", "static")
INSIDE = ("integrations/salesforce/", "integrations/rehearsal/")
READ = {".py", ".html", ".txt", ".js", ".toml", ".json"}

ADDRESS = re.compile(
    r"/services/(?:data|oauth2|Soap|apexrest|async)|"
    r"[\"'/](?:sobjects|composite|analytics/reports|tooling/query|queryAll)/"
)
DOOR = re.compile(r"integrations\.salesforce(?:\.| import .*\b)(?:door|library|composite|soap)\b")
# What may know one all the same, and why.
ADDRESS_ALLOWED = {
    # django-allauth wants to be told the two addresses of the sign-in itself.
    "integrations/oauth/adapter.py",
    # Asks the rehearsal orgs whether they are up.
    "portal/demo/launcher.py",
}


def files_above() -> Iterator[tuple[str, str]]:
    """Our own sources outside the client and the rehearsal orgs: path and text."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in READ and not name.startswith(INSIDE):
                yield name, path.read_text(encoding="utf-8")


def test_no_address_of_salesforces_api_is_known_above_the_client():
    found = {name for name, text in files_above() if ADDRESS.search(text)}
    assert found - ADDRESS_ALLOWED == set()


def test_nobody_above_the_client_opens_its_door():
    assert [name for name, text in files_above() if DOOR.search(text)] == []
