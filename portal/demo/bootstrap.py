"""Makes the virtual environment: the first thing `make` does on a fresh machine.

Runs on the machine's own Python with nothing but its standard library, and keeps to old
syntax, so that an old Python can still say in a sentence what is missing.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from typing import NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
MINIMUM = (3, 11)


def stop(sentence: str) -> NoReturn:
    """End with one sentence a person can act on."""
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


def uv_lines(lock: str) -> str:
    """The locked lines of the installer itself, hashes included."""
    found = re.search(r"^uv==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if not found:
        stop("requirements.txt does not lock uv, the installer. Run `make lock` and try again.")
    return found.group(0)


def environment_make() -> None:
    """Create .venv with the installer in it, or say what is missing."""
    try:
        import ensurepip  # noqa: F401 (only whether it is there)
        import venv  # noqa: F401
    except ImportError:
        stop(
            "This Python cannot make virtual environments. On Debian and Ubuntu: "
            "`apt-get install python3-venv`, then run this again."
        )
    print("Making the virtual environment (.venv)")
    subprocess.check_call([sys.executable, "-m", "venv", "--clear", VENV])
    with open(os.path.join(ROOT, "requirements.txt")) as lock:
        lines = uv_lines(lock.read())
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as only_uv:
        only_uv.write(lines)
    try:
        subprocess.check_call(
            [VENV_PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", only_uv.name]
        )
    except subprocess.CalledProcessError:
        stop("Could not install uv, the installer. Is the package index reachable from here?")
    finally:
        os.unlink(only_uv.name)


def requirements_install(files: list[str]) -> None:
    """Install the locked requirements, unless exactly these are installed already."""
    digest = hashlib.sha256()
    for name in files:
        with open(os.path.join(ROOT, name), "rb") as lock:
            digest.update(lock.read())
    stamp = os.path.join(VENV, "installed-" + "-".join(files).replace(".txt", ""))
    if os.path.exists(stamp):
        with open(stamp) as before:
            if before.read() == digest.hexdigest():
                return
    print("Installing " + " and ".join(files))
    command = [VENV_PYTHON, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
    command += ["--python", VENV_PYTHON]
    for name in files:
        command += ["-r", os.path.join(ROOT, name)]
    if subprocess.call(command) != 0:
        stop("Installing failed (see above). Is the package index reachable from here?")
    with open(stamp, "w") as after:
        after.write(digest.hexdigest())


def main() -> None:
    """Check the Python, make .venv once, install what is locked."""
    if sys.version_info < MINIMUM:
        found = ".".join(str(number) for number in sys.version_info[:2])
        stop(
            f"This needs Python 3.11 or newer; `{sys.executable}` is {found}. Install a newer one "
            "and name it: `make PYTHON=python3.11 run`."
        )
    if not os.path.exists(VENV_PYTHON) or not os.path.exists(os.path.join(VENV, "bin", "uv")):
        environment_make()
    files = ["requirements.txt"]
    if "--dev" in sys.argv:
        files.append("requirements-dev.txt")
    requirements_install(files)


if __name__ == "__main__":
    main()
