"""`make test`: every test, on SQLite and on PostgreSQL, beside real servers and a real browser."""

import subprocess
import sys
import time

QUICK = "not browser and not servers and not chaos"
PYTEST = [sys.executable, "-m", "pytest", "-q"]
# A file stays on one worker: its rehearsal org and its world are made once.
TWICE_AS_FAST = ["-n", "2", "--dist", "loadfile"]
SERVERS = [sys.executable, "-m", "tests.servers"]
# Real workers write side by side on the demo's database, too; and what a file of it keeps is
# searched for tokens.
ON_SQLITE = [
    "tests/jobchanges/test_two_customers.py",
    "tests/jobchanges/test_batch_chaos.py",
    "tests/jobchanges/test_chaos_points.py",
    "tests/integrations/test_many_refreshes.py",
    "tests/integrations/test_tokens_nowhere.py",
]
PHASES: list[tuple[str, list[str]]] = [
    ("the quick tests on SQLite", [*PYTEST, *TWICE_AS_FAST, "-m", QUICK]),
    # Only what asks the database (tests/conftest.py).
    ("the quick tests on PostgreSQL", [*SERVERS, *PYTEST, *TWICE_AS_FAST, "-m", QUICK]),
    # Each has a broker, a database and rehearsal orgs of its own.
    (
        "servers and chaos",
        [*SERVERS, *PYTEST, *TWICE_AS_FAST, "-m", "(servers or chaos) and not browser"],
    ),
    ("real workers on SQLite", [*PYTEST, *TWICE_AS_FAST, "-m", "servers", *ON_SQLITE]),
    ("in a browser", [*PYTEST, "-n", "2", "-m", "browser", "tests/browser"]),
]


def main() -> int:
    """Run every phase, also after one failed; returns 1 when any did."""
    failed: list[str] = []
    for title, command in PHASES:
        print(f"\n=== {title}", flush=True)
        started = time.monotonic()
        if subprocess.run([*command, *sys.argv[1:]], check=False).returncode:
            failed.append(title)
        print(f"=== {title}: {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print("\nFailed: " + "; ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
