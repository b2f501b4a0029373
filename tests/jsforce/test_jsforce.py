"""A Salesforce client that is not ours drives the rehearsal orgs: jsforce, under Node.js.

`run.mjs` runs once; each of its checks is a test here. It says what it leaves out, and why.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.rehearsal_server import INTEGRATION, Rehearsal
from tests.tools import jsforce_missing, node_find

HERE = Path(__file__).parent
# The checks as the script has them: one that is added there is a test here.
CHECKS = [
    re.sub(r"\\'", "'", name)
    for file in ("checks", "collections", "composite", "setup")
    for name in re.findall(
        r"^  '((?:[^'\\]|\\.)+)': async", (HERE / f"{file}.mjs").read_text(), re.MULTILINE
    )
]
SECONDS = 240

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def output(rehearsal_process: Rehearsal) -> str:
    """All that the script says. Skips where there is no jsforce, which fails in CI."""
    missing = jsforce_missing()
    if missing and os.environ.get("CI"):
        pytest.fail(missing)
    node = node_find()
    if missing or node is None:
        pytest.skip(missing)
    rehearsal_process.reset()
    rehearsal_process.package_install("northwind-full")
    # A healthy integration user may not delete.
    rehearsal_process.configure("northwind-full", extra_rights=["*.Delete"])
    where = [rehearsal_process.url("sandbox"), rehearsal_process.url("northwind-full")]
    done = subprocess.run(
        [
            node.program,
            "run.mjs",
            *where,
            f"{INTEGRATION}.full",
            rehearsal_process.url("production"),
        ],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def said(output: str) -> dict[str, str]:
    """What the script says of each check: nothing when it passed, or what was wrong."""
    return dict(re.findall(r"^(?:not )?ok (.+?)(?:: (.*))?$", output, re.MULTILINE))


@pytest.mark.parametrize("check", CHECKS)
def test_jsforce(said: dict[str, str], check: str) -> None:
    assert check in said, f"the script ended before: {said}"
    assert said[check] == ""


def test_every_check_of_the_script_is_a_test(said: dict[str, str]) -> None:
    assert len(CHECKS) > 45
    assert set(said) == set(CHECKS)


def test_the_script_says_what_it_leaves_out_and_why(output: str) -> None:
    skipped = re.findall(r"^skip (.+?): (.+)$", output, re.MULTILINE)
    assert len(skipped) == 6
