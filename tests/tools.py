"""Brings what tests need beyond Python packages: Chromium. Says in a sentence how, if it cannot."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


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


def main() -> None:
    """Make sure the tools are there."""
    if chromium_path() is None:
        chromium_install()


if __name__ == "__main__":
    main()
