"""`make check`: everything a reviewer should not have to look for."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SERVERS = [sys.executable, "-m", "tests.servers"]
APPS = ["accounts", "integrations", "jobchanges", "portal"]


def templates() -> list[str]:
    """The portal's own HTML templates."""
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))


def deploy_environment() -> dict[str, str]:
    """Settings of a made-up production site, for Django's deploy check."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings.base",
        "DEMO": "false",
        "SECRET_KEY": "deploy-check-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "TOKEN_ENCRYPTION_KEYS": "ZGVwbG95LWNoZWNrLW9ubHktbm90LWEtc2VjcmV0LTE=",
        "SITE_URL": "https://onboarding.usergems.example",
        "ALLOWED_HOSTS": "onboarding.usergems.example",
        "BROKER_URL": "redis://127.0.0.1:6379/0",
        "CACHE_URL": "rediscache://127.0.0.1:6379/1",
        "DATABASE_URL": "sqlite:///:memory:",
        "DEFAULT_FROM_EMAIL": "onboarding@usergems.example",
        "EMAIL_URL": "smtp://127.0.0.1:25",
        **{
            f"SALESFORCE_{environment}_CLIENT_{part}": "deploy-check"
            for environment in ("SANDBOX", "PRODUCTION")
            for part in ("ID", "SECRET")
        },
    }


def main() -> int:
    """Run every check, also after one failed; returns 1 when any did."""
    test_settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    manage = [sys.executable, "manage.py"]
    steps: list[tuple[str, list[str], dict[str, str]]] = [
        ("format", [str(BIN / "ruff"), "format", "--check", "."], test_settings),
        ("lint", [str(BIN / "ruff"), "check", "."], test_settings),
        (
            "templates",
            [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates()],
            test_settings,
        ),
        ("imports", [str(BIN / "lint-imports")], test_settings),
        ("types", [str(BIN / "mypy"), "."], test_settings),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], test_settings),
        (
            "migrations, for a running site",
            # As PostgreSQL would run them: SQLite makes a table anew for every change.
            [
                *SERVERS,
                *manage,
                "lintmigrations",
                "--project-root-path",
                str(ROOT),
                "--no-cache",
                "--ignore-initial-migrations",
                # A unique promise replaced by a looser one: what an older site writes keeps it.
                "--ignore-name",
                "0004_one_standing_waiver_a_subject",
                "--include-apps",
                *APPS,
            ],
            {**test_settings, "LINT_MIGRATIONS": "1"},
        ),
        ("system check", [*manage, "check"], test_settings),
        (
            "deploy check",
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            deploy_environment(),
        ),
    ]
    failed: list[str] = []
    for title, command, environment in steps:
        print(f"=== {title}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            failed.append(title)
    if failed:
        print("Failed: " + ", ".join(failed), file=sys.stderr)
        return 1
    print("Everything is in order.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
