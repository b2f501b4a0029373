"""The running whole: storage, orgs by port, and what each org currently is."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.rehearsal import configure, installing, seed
from integrations.rehearsal.config import OrgConfig, Settings, UserConfig
from integrations.rehearsal.configurations import Configuration
from integrations.rehearsal.faults import Faults
from integrations.rehearsal.schema import SObject
from integrations.rehearsal.schema.variations import schema_for
from integrations.rehearsal.store import Database, Row, Space

DAY = 24 * 3600.0


def now() -> str:
    """The present as Salesforce writes it; storage and comparison use this one form."""
    return stamp(datetime.now(UTC))


def stamp(value: datetime) -> str:
    """A point in time as Salesforce writes it."""
    value = value.astimezone(UTC)
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}+0000"


class Org:
    """One org: its configuration, records, and call counter.

    `base` is how it was set up; `config` is what it is at this moment, and what everybody reads.
    """

    def __init__(self, config: OrgConfig, space: Space, settings: Settings, offset: int) -> None:
        self.base = config
        self.space = space
        self.settings = settings
        self.url = settings.url(offset)
        self.login_url = settings.login_urls[config.environment]
        self.faults = Faults()
        # All orgs of the world; a production knows its sandboxes.
        self.neighbors: Callable[[], Iterable[Org]] = lambda: ()
        self.own_calls = 0
        # When each call of the last 24 hours came, by a clock that tests can put forward.
        self._spent: deque[float] = deque()
        self._put_forward = 0.0
        self.calls: deque[dict[str, Any]] = deque(maxlen=10_000)
        self.call_counts: Counter[str] = Counter()
        self._count_lock = threading.Lock()
        self._config: tuple[tuple[Row | None, Row | None], OrgConfig] = ((None, None), config)
        self._fill()

    def _fill(self) -> None:
        if not seed.fill(self.base, self.space):
            return
        if self.base.package_version:
            version = installing.version_named(self.base.package_version)
            by = self.base.users[0].user_id
            installing.install(self.space, version, self.base.package_security, by)
        self.space.keep_first_day()

    @property
    def config(self) -> OrgConfig:
        """The org as it is now: with what was laid on it, and after a sandbox refresh."""
        rows, (known_rows, known) = configure.rows(self.space), self._config
        # Rows never change in place, so the same ones mean the same configuration.
        if rows[0] is known_rows[0] and rows[1] is known_rows[1]:
            return known
        found = configure.present(self.base, self.space)
        self._config = (rows, found)
        return found

    @property
    def configurations(self) -> list[Configuration]:
        """What lies on the org, in the order it came."""
        return configure.lying(self.space)

    def user_config(self, user_id: str) -> UserConfig | None:
        """How a set-up user is configured at this moment; None for the people of the CRM file."""
        return next((user for user in self.config.users if user.user_id == user_id), None)

    @property
    def calls_used(self) -> int:
        """API requests of the last 24 hours, others' and ours; the window rolls."""
        with self._count_lock:
            return self._used()

    def _used(self) -> int:
        day_ago = time.monotonic() + self._put_forward - DAY
        while self._spent and self._spent[0] <= day_ago:
            self._spent.popleft()
        return self.config.requests_used + len(self._spent)

    def others_call(self, count: int) -> None:
        """Other programs make so many calls now."""
        with self._count_lock:
            self._spent.extend([time.monotonic() + self._put_forward] * count)

    def calls_age(self, seconds: float) -> None:
        """Make the calls so far older than they are: the window moves, and nothing else."""
        with self._count_lock:
            self._put_forward += seconds

    @property
    def package(self) -> Row | None:
        """The installed package: `version_id`, `security` ("all" or "admins"), ids; or None."""
        return self.space.get("meta", "package")

    @property
    def schema(self) -> Mapping[str, SObject]:
        """The objects this org has at this moment."""
        package = self.package
        lacks = installing.lacking(package["version_id"]) if package else frozenset()
        return schema_for(self.config, package is not None, lacks)

    def take_time(self) -> None:
        """Wait as long as every API call takes here; not at all, as a rule.

        Sleeping for no time would still hand the processor over, for milliseconds on a busy one.
        """
        seconds = self.config.slow_seconds
        if seconds > 0:
            time.sleep(seconds)

    def count_call(self) -> str:
        """Count one API request; returns the `Sforce-Limit-Info` header's value."""
        with self._count_lock:
            self.own_calls += 1
            self._spent.append(time.monotonic() + self._put_forward)
            return f"api-usage={self._used()}/{self.config.daily_requests}"

    def log_call(self, method: str, path: str, status: int) -> None:
        """Remember a call for `/rehearsal/calls`."""
        with self._count_lock:
            self.calls.append({"at": now(), "method": method, "path": path, "status": status})
            self.call_counts[f"{method} {path}"] += 1

    def reset(self) -> None:
        """Back to the first day: records as seeded, package gone, counters at zero."""
        with self.space.lock:
            if not self.space.reset():
                self._fill()
            with self._count_lock:
                self.own_calls = 0
                self._spent.clear()
                self._put_forward = 0.0
                self.calls.clear()
                self.call_counts.clear()


class World:
    """All orgs and the sign-in state, on one SQLite file in `directory`."""

    def __init__(self, settings: Settings, directory: Path, reset: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "rehearsal.sqlite3"
        if reset:
            for name in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                name.unlink(missing_ok=True)
        self.settings = settings
        self.faults = Faults()
        self.database = Database(path)
        self.signin = Space(self.database, "signin")
        self.login_ports = {
            settings.port + offset: environment
            for offset, environment in enumerate(settings.login_urls)
        }
        self.orgs: dict[int, Org] = {}
        for offset, config in enumerate(settings.orgs, start=2):
            space = Space(self.database, config.key)
            org = Org(config, space, settings, offset)
            org.faults = self.faults
            org.neighbors = self.orgs.values
            self.orgs[settings.port + offset] = org

    def org_by_id(self, org_id: str) -> Org | None:
        """An org by its 15- or 18-character id."""
        for org in self.orgs.values():
            if org.config.org_id[:15] == org_id[:15]:
                return org
        return None

    def orgs_behind(self, port: int) -> list[Org]:
        """The orgs one can sign in to at this port: one, or all of a login host's environment."""
        if port in self.orgs:
            return [self.orgs[port]]
        environment = self.login_ports.get(port)
        return [org for org in self.orgs.values() if org.config.environment == environment]

    def issuer(self, port: int) -> str:
        """The address of the host behind a port."""
        return self.settings.url(port - self.settings.port)

    def reset(self) -> None:
        """Everything as on the first day, in all orgs; nobody is signed in."""
        self.faults.clear()
        with self.signin.transaction():
            for kind in self.signin.kinds():
                # The signing key stays: making one takes longer than all the rest.
                for key, _ in self.signin.items(kind) if kind != "key" else ():
                    self.signin.drop(kind, key)
        for org in self.orgs.values():
            org.reset()
