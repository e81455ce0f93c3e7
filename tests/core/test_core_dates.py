"""Jalali dates, the Persian week and periods as exact as their source."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from persiantools.jdatetime import JalaliDate

from salam.core.dates import (
    HALF_DAY_COUNT,
    MONTHS,
    age_years,
    half_day_name,
    jalali,
    jalali_instant,
    jalali_long,
    local_day,
    parse_date,
    parse_period,
    week_start,
    weekday,
)
from salam.core.errors import InvalidInput

LEAP_YEARS = {1395, 1399, 1403, 1408}
DAYS = [date(2016, 3, 20) + timedelta(days=number) for number in range(16 * 365 + 4)]


def test_every_day_from_1395_to_1410_goes_there_and_back() -> None:
    written = [jalali(day) for day in DAYS]

    assert [parse_date(text) for text in written] == DAYS
    assert (written[0], written[-1]) == ("۱۳۹۵/۰۱/۰۱", "۱۴۱۰/۱۲/۲۹")
    assert written == [JalaliDate(day).strftime("%Y/%m/%d", locale="fa") for day in DAYS]


@pytest.mark.parametrize("year", range(1395, 1411))
def test_leap_years_have_a_thirtieth_of_esfand(year: int) -> None:
    last = 30 if year in LEAP_YEARS else 29

    assert parse_period(f"{year}-12").ends_on == parse_date(f"{year}-12-{last}")
    assert parse_period(f"{year}").ends_on == parse_date(f"{year}-12-{last}")
    assert parse_period(f"{year}").ends_on + timedelta(1) == parse_period(f"{year + 1}").starts_on
    if last == 29:
        with pytest.raises(InvalidInput, match="چنین روزی"):
            parse_date(f"{year}/12/30")


def test_the_months_of_a_year_follow_each_other() -> None:
    periods = [parse_period(f"1403-{month:02d}") for month in range(1, 13)]

    lengths = [(period.ends_on - period.starts_on).days + 1 for period in periods]
    assert lengths == [31] * 6 + [30] * 6
    assert [str(period) for period in periods] == [f"{month} ۱۴۰۳" for month in MONTHS]


def test_a_date_is_said_in_numbers_and_in_words() -> None:
    day = date(2026, 11, 22)

    assert jalali(day) == "۱۴۰۵/۰۹/۰۱"
    assert jalali_long(day) == "یکشنبه ۱ آذر ۱۴۰۵"
    instant = datetime(2026, 11, 22, 7, 54, tzinfo=UTC)
    assert jalali_instant(instant) == "یکشنبه ۱ آذر ۱۴۰۵، ساعت ۱۱:۲۴"


def test_the_day_in_iran_begins_before_midnight_utc() -> None:
    assert local_day(datetime(2026, 11, 21, 20, 29, tzinfo=UTC)) == date(2026, 11, 21)
    assert local_day(datetime(2026, 11, 21, 20, 30, tzinfo=UTC)) == date(2026, 11, 22)


def test_the_week_starts_on_saturday() -> None:
    saturday = date(2026, 11, 21)
    week = [saturday + timedelta(days=number) for number in range(7)]

    assert [weekday(day) for day in week] == [0, 1, 2, 3, 4, 5, 6]
    assert {week_start(day) for day in week} == {saturday}
    assert week_start(saturday - timedelta(days=1)) == saturday - timedelta(days=7)


def test_half_days_have_fourteen_names() -> None:
    names = [half_day_name(number) for number in range(HALF_DAY_COUNT)]

    assert len(set(names)) == 14
    assert (names[0], names[1], names[6], names[13]) == (
        "شنبه صبح",
        "شنبه عصر",
        "سه‌شنبه صبح",
        "جمعه عصر",
    )


@pytest.mark.parametrize(
    "written",
    ["1360/05/23", "۱۳۶۰/۵/۲۳", "١٣٦٠-٠٥-٢٣", " 1360.5.23 ", "1981-08-14", "1981/8/14"],
)
def test_a_date_is_read_in_either_calendar_and_any_digits(written: str) -> None:
    assert parse_date(written) == date(1981, 8, 14)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "دیروز",
        "60/05/23",
        "1360/05",
        "1360/13/01",
        "1360/00/10",
        "1360/01/32",
        "1360/07/31",
        "0000/01/01",
        "1981/02/30",
        "1360/05-23",
        "1360/05/23 12:00",
        "१३६०/०५/२३",
        "23/05/1360",
    ],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        parse_date(written)


@pytest.mark.parametrize(
    ("text", "starts_on", "ends_on", "said"),
    [
        ("1404", date(2025, 3, 21), date(2026, 3, 20), "۱۴۰۴"),
        ("1403", date(2024, 3, 20), date(2025, 3, 20), "۱۴۰۳"),
        ("1404-05", date(2025, 7, 23), date(2025, 8, 22), "مرداد ۱۴۰۴"),
        ("1404-11-26", date(2026, 2, 15), date(2026, 2, 15), "۲۶ بهمن ۱۴۰۴"),
        ("۱۴۰۴-۱۱-۲۶", date(2026, 2, 15), date(2026, 2, 15), "۲۶ بهمن ۱۴۰۴"),
    ],
)
def test_a_period_is_as_exact_as_its_source(
    text: str,
    starts_on: date,
    ends_on: date,
    said: str,
) -> None:
    period = parse_period(text)

    assert (period.starts_on, period.ends_on, str(period)) == (starts_on, ends_on, said)


@pytest.mark.parametrize(
    "text",
    ["", "404", "1404-5", "1404-00", "1404-13", "1404-05-00", "1404-12-30", "1404/05", "14040"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_period(text)


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        (date(2008, 11, 22), date(2026, 11, 21), 17),
        (date(2008, 11, 22), date(2026, 11, 22), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_counts_completed_years(born_on: date, on: date, age: int) -> None:
    assert age_years(born_on=born_on, on=on) == age
