"""Working days, mornings and nights, in whatever zone a reader lives."""

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail.zones import in_office_hours, moment, moments_told, next_morning, working_days

UTC = zoneinfo.ZoneInfo("UTC")
ZONES = st.sampled_from(
    [zoneinfo.ZoneInfo(name) for name in ("UTC", "America/New_York", "Asia/Kolkata")]
)
NEW_YEAR = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MOMENTS = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: NEW_YEAR + datetime.timedelta(minutes=minutes)
)


def when(text: str) -> datetime.datetime:
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("since", "now", "days"),
    [
        ("2026-11-23 10:00", "2026-11-26 09:59", 2),
        ("2026-11-23 10:00", "2026-11-26 10:00", 3),
        ("2026-11-20 16:00", "2026-11-25 16:00", 3),
        ("2026-11-21 16:00", "2026-11-26 00:00", 3),
        ("2026-11-20 16:00", "2026-11-22 23:00", 0),
        ("2026-11-23 10:00", "2026-12-07 10:00", 10),
    ],
)
def test_weekends_are_no_working_days(since, now, days):
    assert working_days(when(since), when(now), UTC) == days


@given(since=MOMENTS, hours=st.integers(0, 900), zone=ZONES)
def test_working_days_only_grow_and_never_count_a_weekend(since, hours, zone):
    now = since + datetime.timedelta(hours=hours)
    days = working_days(since, now, zone)
    assert 0 <= days <= hours / 24 + 1
    assert days <= working_days(since, now + datetime.timedelta(hours=5), zone)
    assert working_days(since, now + datetime.timedelta(days=7), zone) == days + 5


@given(now=MOMENTS, zone=ZONES)
def test_the_next_morning_is_a_time_to_be_reminded(now, zone):
    morning = next_morning(now, zone)
    assert in_office_hours(morning, zone)
    assert datetime.timedelta(0) < morning - now <= datetime.timedelta(days=4)


def test_a_text_that_only_looks_like_a_moment_stays_a_text():
    odd = "Stopped ⟦2026-99-99T10:00:00+00:00⟧"
    assert moments_told(odd, UTC) == odd
    text = moment(when("2026-06-23 18:00"))
    assert moments_told(text, zoneinfo.ZoneInfo("Europe/Berlin")) == "23 Jun 2026, 20:00 CEST"
    assert moments_told(text, zoneinfo.ZoneInfo("America/Sao_Paulo")) == (
        "23 Jun 2026, 15:00 UTC-03"
    )
