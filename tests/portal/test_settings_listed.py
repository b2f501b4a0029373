"""Every setting that is read is listed with its meaning in .env.example."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""env(?:\.\w+)?\(\s*"([A-Z][A-Z0-9_]+)\"""")
# Read as a pair of name and meaning elsewhere, or of the tests' own.
OURS = {"ENV_FILE"}


def names_read() -> set[str]:
    files = (ROOT / "portal" / "settings").glob("*.py")
    # The tests' own settings read what their runners set.
    read = [file.read_text() for file in files if file.name != "test.py"]
    return {name for text in read for name in READ.findall(text)} - OURS


def names_listed() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: rest for name, _equals, rest in pairs}


def test_what_is_read_is_listed():
    assert names_read() - set(names_listed()) == set()


def test_what_is_listed_is_read():
    assert set(names_listed()) - names_read() == set()


def test_the_example_holds_no_secret():
    listed = names_listed()
    for name in ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "DEMO_PASSWORD"):
        assert listed[name].partition("#")[0].strip() == ""
