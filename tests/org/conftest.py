"""One suite, two places: the rehearsal org in every run, a real sandbox when one is named."""

import datetime as dt
from collections.abc import Iterator
from functools import cache

import pytest

from integrations.salesforce.client import Org
from tests.org.measured import table, write
from tests.org.places import Place, network_of_salesforce, real_given, real_place, rehearsal_place
from tests.org.records import NotOurs, Records

PLACES = ["rehearsal", *(["real"] if real_given() else [])]
# What another run left longer ago than any run takes.
LEFT_OVER = dt.timedelta(hours=2)
_swept: set[str] = set()

# One for the whole run: under rotation the environment's refresh token works only once.
the_real_place = cache(real_place)


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """An org to run in; the rehearsal org is as on the first day, with the package installed."""
    if request.param == "real":
        with network_of_salesforce():
            yield the_real_place()
        return
    running = request.getfixturevalue("rehearsal_process")
    running.reset()
    running.package_install("northwind-full")
    # As in a real org, whose standard rules alert; and a user who may clear up.
    running.configure("northwind-full", "duplicate-alert", extra_rights=["*.Delete"])
    yield rehearsal_place(running)


@pytest.fixture
def org(place: Place) -> Iterator[Org]:
    client = place.client()
    yield client
    client.close()


@pytest.fixture
def records(place: Place, org: Org) -> Iterator[Records]:
    """What may be written with; everything it wrote is deleted, however the test ends."""
    try:
        kept = Records(org)
    except NotOurs as problem:
        pytest.fail(str(problem), pytrace=False)
    if place.name not in _swept:
        _swept.add(place.name)
        kept.sweep_leftovers(dt.datetime.now(dt.UTC) - LEFT_OVER)
    yield kept
    left = kept.sweep()
    assert left == [], f"left behind in the org: {', '.join(left)}"


@pytest.fixture
def packaged(records: Records) -> Records:
    """As `records`, in an org that has the package; skips where it is not installed."""
    if records.package is None or not records.package.can_deliver:
        pytest.skip("the package is not installed in this org, or our user may not see it")
    return records


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was measured; `make test-org` keeps it, too."""
    path = write()
    if path is None:
        return
    terminalreporter.section("measured in the org")
    for line in table():
        terminalreporter.write_line(line)
    if not real_given():
        terminalreporter.write_line("No real sandbox was named; README.md says how.")
    elif the_real_place().tokens.rotated:
        terminalreporter.write_line("SF_TEST_REFRESH_TOKEN was rotated by this run: get a new one.")
    terminalreporter.write_line(f"kept in {path}")
