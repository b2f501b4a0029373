"""Configurations: files, laying on, taking away, over a restart, the page and the command."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from integrations.rehearsal.configurations import FOLDER, ConfigurationError, known, load
from tests.rehearsal.client import TIMEOUT, OrgClient
from tests.rehearsal.conftest import INTEGRATION, ROOT, Server, free_port
from tests.rehearsal.laying import DEV, FULL, PRODUCTION, configure, take_away

HEAD = 'title = "T"\ngroup = "Signing in"\nwhat = "W."\nexpect = "E."\n'
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title = [", "broken.toml: "),
        ('title = "T"\n', "broken.toml: group is missing"),
        (HEAD, "broken.toml: org, users and actions are all empty"),
        (HEAD + "[org]\nsped = 1\n", "broken.toml: org.sped is not a field"),
        (HEAD + '[org]\norg_id = "x"\n', "broken.toml: org.org_id is not a field"),
        (HEAD + '[org]\ndaily_requests = "9"\n', "org.daily_requests must be a whole number"),
        (HEAD + '[org]\nhidden_fields = "x"\n', "org.hidden_fields must be a list"),
        (HEAD + '[org]\nconnected_app = "shut"\n', "org.connected_app: 'shut' is none of"),
        (HEAD + '[[org.triggers]]\nsobject = "Lead"\n', "org.triggers[0].name is missing"),
        (HEAD + "[users.boss]\nactive = false\n", "users.boss is none of"),
        (HEAD + "[users.admin]\npermissions = { drop = [] }\n", "drop is neither add nor remove"),
        (HEAD + 'actions = ["explode"]\n', "actions: 'explode' is none of"),
        (HEAD + "colour = 1\n", "broken.toml: colour is not a key"),
    ],
)
def test_a_broken_file_is_named_with_its_key(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "broken.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_can_be_laid_on_and_taken_away(server: Server, name: str) -> None:
    lying = configure(server, DEV, name)["names"]
    assert lying == ([name] if known()[name].lasts else [])
    assert take_away(server, DEV)["names"] == []


def test_the_table_in_the_readme_has_every_configuration() -> None:
    text = (ROOT / "integrations/rehearsal/README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+?) \|", text, re.MULTILINE))
    assert {name: one.what for name, one in known().items()} == {
        name: rows.get(name) for name in known()
    }


def test_several_lie_on_one_org_in_order_and_go_one_by_one(server: Server) -> None:
    configure(server, FULL, "api-limit-used-up", "api-limit-nearly-used", "storage-full")
    names = take_away(server, FULL, "storage-full")["names"]
    assert names == ["api-limit-used-up", "api-limit-nearly-used"]
    usage = server.full_copy().get("/limits").headers["Sforce-Limit-Info"]
    assert usage == "api-usage=12601/15000"


def test_one_org_does_not_change_another(server: Server) -> None:
    configure(server, FULL, "api-disabled")
    assert server.full_copy().get("/limits").status_code == 403
    assert server.production().get("/limits").status_code == 200


def test_a_reset_takes_all_away(server: Server) -> None:
    configure(server, FULL, "user-deactivated", "developer-sandbox", "package-old", "trial")
    requests.post(server.url(FULL) + "/rehearsal/reset", timeout=TIMEOUT)
    org = server.full_copy()
    row = org.query("SELECT Id, TrialExpirationDate FROM Organization")[0]
    assert row["TrialExpirationDate"] is None
    counts = {
        item["name"]: item["count"] for item in org.get("/limits/recordCount").json()["sObjects"]
    }
    assert counts["Contact"] > 4000
    assert org.get("/sobjects/UserGem__UserGem__c/describe").status_code == 404


def test_configurations_and_a_refresh_are_kept_over_a_restart(tmp_path: Path) -> None:
    port = free_port()
    server = Server(port, tmp_path, "--reset")
    configure(server, FULL, "storage-full")
    before = configure(server, FULL, "refreshed-sandbox")
    server.stop()
    server = Server(port, tmp_path)
    try:
        url = server.url(FULL) + "/rehearsal/configuration"
        assert requests.get(url, timeout=TIMEOUT).json() == before
        assert before["names"] == ["storage-full"]
        tokens = server.pages("sandbox").sign_in(f"{INTEGRATION}.full")
        assert f"/id/{before['org_id']}/" in tokens["id"]
    finally:
        server.stop()


def test_what_does_not_fit_is_refused_with_a_sentence(server: Server) -> None:
    for offset, name, sentence in (
        (FULL, "no-such", "no configuration named no-such"),
        (PRODUCTION, "refreshed-sandbox", "is for sandboxes"),
    ):
        url = f"{server.url(offset)}/rehearsal/configuration"
        answer = requests.post(url, json={"name": name}, timeout=TIMEOUT)
        assert answer.status_code == 400
        assert sentence in answer.json()["error"]


def test_what_no_file_has_can_be_laid_on_by_its_fields(full: OrgClient, server: Server) -> None:
    url = f"{server.url(FULL)}/rehearsal/configuration"
    for hidden in ("Title", "Phone"):
        changes = {"org": {"hidden_fields": [f"Lead.{hidden}"]}}
        answer = requests.post(url, json=changes, timeout=TIMEOUT)
        assert answer.json()["names"] == ["own"]
        fields = full.get("/sobjects/Lead/describe").json()["fields"]
        gone = {"Title", "Phone"} - {field["name"] for field in fields}
        assert gone == {hidden}
    for changes in ({"org": {"sped": 1}}, {"title": "x"}, {}, ["x"]):
        assert requests.post(url, json=changes, timeout=TIMEOUT).status_code == 400
    assert take_away(server, FULL, "own")["names"] == []


def test_the_page_lays_on_and_takes_away_without_javascript(server: Server) -> None:
    url = server.url(FULL) + "/rehearsal/"
    text = requests.get(url, timeout=TIMEOUT).text
    assert "Nothing: it is a healthy org." in text
    assert "Partial copy" in text
    for forbidden in ("style=", "<script", "onclick"):
        assert forbidden not in text
    done = requests.post(url, data={"do": "lay", "name": "slow"}, timeout=TIMEOUT).text
    assert "“Slow org” lies on this org now." in done
    assert "Take all away" in done
    home = requests.get(server.url(FULL) + "/", timeout=TIMEOUT).text
    assert 'href="/rehearsal/"' in home
    assert "Slow org" in home
    assert "Slow org" in requests.get(server.url(1) + "/rehearsal/", timeout=TIMEOUT).text
    gone = requests.post(url, data={"do": "take", "name": "slow"}, timeout=TIMEOUT).text
    assert "“Slow org” was taken away." in gone


def test_the_page_of_production_offers_nothing_for_sandboxes(server: Server) -> None:
    url = server.url(PRODUCTION) + "/rehearsal/"
    assert "Partial copy" not in requests.get(url, timeout=TIMEOUT).text
    form = {"do": "lay", "name": "partial-copy"}
    refused = requests.post(url, data=form, timeout=TIMEOUT)
    assert refused.status_code == 400
    assert "is for sandboxes" in refused.text


def command(server: Server, *arguments: str) -> str:
    out = StringIO()
    call_command("rehearsal_orgs", "--port", str(server.port), *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_lays_on_and_takes_away(server: Server) -> None:
    assert "northwind-full" in command(server, "--configure", "northwind-full", "storage-full")
    listed = command(server, "--list")
    assert re.search(r"^northwind-full .* storage-full$", listed, re.MULTILINE)
    assert "partial-copy: Partial copy" in listed
    assert "no configuration" in command(server, "--configure", "northwind-full", "none")


def test_the_command_says_what_is_wrong(server: Server) -> None:
    with pytest.raises(CommandError, match="There is no org 'elsewhere'"):
        command(server, "--configure", "elsewhere", "slow")
    with pytest.raises(CommandError, match="no configuration named fast"):
        command(server, "--configure", "northwind", "fast")
    with pytest.raises(CommandError, match="No rehearsal orgs answer"):
        call_command("rehearsal_orgs", "--port", str(free_port()), "--list")


def test_the_login_page_shows_what_lies_on_an_org(server: Server) -> None:
    configure(server, FULL, "app-blocked")
    text = server.pages("sandbox").open().text
    assert "App blocked" in text
    assert 'href="/rehearsal/"' in text
