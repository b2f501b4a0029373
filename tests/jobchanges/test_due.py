"""When new job changes are due: once a period, in any zone, whatever its clocks do."""

import datetime
import itertools
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jobchanges.due import due_next, zone_find

UTC = datetime.UTC
# Samoa and Tokelau left a day out: a test of their own.
SAMOA = {"Pacific/Apia", "Pacific/Fakaofo"}
ZONES = sorted(
    name
    for name in zoneinfo.available_timezones() - SAMOA
    if "/" in name and not name.startswith("Etc")
)
YEAR_2000 = datetime.datetime(2000, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 36 * 365 * 24 * 60).map(
    lambda minutes: YEAR_2000 + datetime.timedelta(minutes=minutes)
)
CASES = hypothesis_settings(max_examples=150, derandomize=True, database=None, deadline=None)


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def next_of(zone: str, after: str, *, cadence: str = "daily", weekday: int = 0, hour: int = 2):
    return due_next(
        cadence=cadence,
        weekday=weekday,
        hour=hour,
        zone=zoneinfo.ZoneInfo(zone),
        after=at(after),
    )


def test_every_day_at_the_hour_of_the_customers_own_zone():
    assert next_of("Europe/Berlin", "2026-11-23T06:00+00:00", hour=6) == at("2026-11-24T05:00Z")


def test_a_due_moment_is_over_when_it_has_come():
    assert next_of("UTC", "2026-11-23T02:00+00:00") == at("2026-11-24T02:00Z")


def test_every_week_on_its_day():
    # 23 November 2026 is a Monday.
    assert next_of("UTC", "2026-11-23T01:00+00:00", cadence="weekly", weekday=3) == at(
        "2026-11-26T02:00Z"
    )


def test_without_a_cadence_nothing_is_due():
    assert next_of("UTC", "2026-11-23T01:00+00:00", cadence="off") is None


def test_an_hour_that_the_clocks_skip_is_the_moment_they_jump():
    # New York, 8 March 2026: 02:00 does not exist; it is 03:00 then.
    assert next_of("America/New_York", "2026-03-08T00:00-05:00") == at("2026-03-08T03:00-04:00")


def test_an_hour_that_comes_twice_is_its_first_time_and_only_that():
    # Berlin, 25 October 2026: 02:00 comes at 00:00 and at 01:00 UTC.
    first = next_of("Europe/Berlin", "2026-10-24T23:00+00:00")
    assert first == at("2026-10-25T00:00Z")
    assert next_of("Europe/Berlin", first.isoformat()) == at("2026-10-26T01:00Z")


def test_midnight_that_does_not_exist_is_still_that_day():
    # Beirut, 29 March 2026: the clocks jump from 00:00 to 01:00.
    assert next_of("Asia/Beirut", "2026-03-28T12:00+00:00", hour=0) == at("2026-03-28T22:00Z")


def test_a_day_that_was_served_has_no_second_time():
    found = due_next(
        cadence="daily",
        weekday=0,
        hour=7,
        zone=zoneinfo.ZoneInfo("UTC"),
        after=at("2026-11-23T06:30Z"),
        served=at("2026-11-23T06:00Z"),
    )
    assert found == at("2026-11-24T07:00Z")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "UTC\x00"])
def test_a_zone_that_there_is_not(name):
    assert zone_find(name) is None


@given(
    zone=st.sampled_from(ZONES),
    cadence=st.sampled_from(["daily", "weekly"]),
    weekday=st.integers(0, 6),
    hour=st.integers(0, 23),
    start=MOMENTS,
)
@CASES
def test_each_period_has_one_due_time_and_it_lies_ahead(zone, cadence, weekday, hour, start):
    place = zoneinfo.ZoneInfo(zone)
    moment, seen = start, []
    for _each in range(12):
        found = due_next(cadence=cadence, weekday=weekday, hour=hour, zone=place, after=moment)
        assert found > moment
        seen.append(found.astimezone(place).date())
        moment = found
    apart = {(after - before).days for before, after in itertools.pairwise(seen)}
    assert apart == {1 if cadence == "daily" else 7}
    assert cadence == "daily" or {day.weekday() for day in seen} == {weekday}


def test_a_day_that_a_country_left_out_has_no_batch_of_its_own():
    # Samoa went from 29 to 31 December 2011.
    seen, moment = [], at("2011-12-28T12:00Z")
    for _each in range(4):
        moment = next_of("Pacific/Apia", moment.isoformat(), hour=6)
        seen.append(moment.astimezone(zoneinfo.ZoneInfo("Pacific/Apia")).date().isoformat())
    assert seen == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]


@given(
    zone=st.sampled_from(ZONES), hour=st.integers(0, 23), start=MOMENTS, minutes=st.integers(0, 90)
)
@CASES
def test_a_day_is_never_served_twice_however_often_it_is_set_anew(zone, hour, start, minutes):
    place = zoneinfo.ZoneInfo(zone)
    served = start
    later = start + datetime.timedelta(minutes=minutes)
    found = due_next(cadence="daily", weekday=0, hour=hour, zone=place, after=later, served=served)
    assert found > later
    assert found.astimezone(place).date() > served.astimezone(place).date()
