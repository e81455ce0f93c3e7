"""When a line may be served: what is taken, what is refused, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from salam.core.actors import ConsoleOperator
from salam.core.errors import InvalidInput
from salam.core.models import Event
from salam.needs.actions import NeedsRefused, NewLine, close_passed_needs, open_needs
from salam.needs.enums import NeedStatus, Timing
from salam.needs.models import Need, NeedLine
from salam.needs.queries import asked_counts_by_place, asked_counts_within, open_lines
from salam.needs.timing import ALL_HALF_DAYS, half_days_in_words, half_days_of, in_words, next_day
from salam.organizations.models import Intermediary
from tests.cast import DAY, NOW, Cast, make_cast, new_need

TODAY = NOW.date()
SKILL = 1 << 2
FIXED = NewLine(half_day=3, skill_bits=SKILL, headcount=2)
OPEN = NewLine(timing=Timing.OPEN, half_day_bits=0b1001, half_days_weekly=2, skill_bits=SKILL)
WINDOW = replace(
    OPEN, timing=Timing.WINDOW, starts_on=date(2026, 11, 24), ends_on=date(2026, 12, 20)
)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def write(cast: Cast, *lines: NewLine) -> list[NeedLine]:
    broker = Intermediary.objects.get(organization=cast.offices.intermediary)
    keys = open_needs(
        actor=ConsoleOperator(),
        needs=[new_need(cast.places.here, broker, lines=lines)],
        now=NOW,
    )
    return list(NeedLine.objects.filter(need_id=keys[0]).order_by("pk"))


def test_the_three_kinds_are_kept_as_they_were_told(cast: Cast) -> None:
    fixed, ended, unending = write(cast, FIXED, WINDOW, OPEN)

    assert (fixed.timing, fixed.half_day, fixed.half_day_bits) == (Timing.FIXED, 3, 0)
    assert (ended.timing, ended.half_day, ended.half_day_bits) == (Timing.WINDOW, None, 0b1001)
    assert (ended.starts_on, ended.ends_on) == (WINDOW.starts_on, WINDOW.ends_on)
    assert (unending.starts_on, unending.ends_on, unending.half_days_weekly) == (None, None, 2)
    assert [half_days_of(line) for line in (fixed, ended, unending)] == [[3], [0, 3], [0, 3]]
    assert (fixed.seats_weekly, ended.seats_weekly) == (2, 2)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (replace(FIXED, half_day=None), "نیم‌روز را از شنبه صبح"),
        (replace(FIXED, half_day_bits=1), "بی بازه"),
        (replace(FIXED, ends_on=TODAY), "بی بازه"),
        (replace(OPEN, half_day=3), "کِی لازم است"),
        (replace(OPEN, half_day_bits=0), "دست‌کم یک نیم‌روز"),
        (replace(OPEN, half_day_bits=ALL_HALF_DAYS + 1), "دست‌کم یک نیم‌روز"),
        (replace(OPEN, half_day_bits=-1), "دست‌کم یک نیم‌روز"),
        (replace(OPEN, half_days_weekly=0), "از ۱ تا ۲ باشد"),
        (replace(OPEN, half_days_weekly=3), "از ۱ تا ۲ باشد"),
        (replace(OPEN, ends_on=TODAY + 9 * DAY), "روزِ آغاز و پایان"),
        (replace(WINDOW, starts_on=None), "روز آغاز و روز پایان"),
        (replace(WINDOW, ends_on=None), "روز آغاز و روز پایان"),
        (replace(WINDOW, ends_on=date(2026, 11, 23)), "پیش از آغاز"),
        (replace(WINDOW, starts_on=TODAY - 9 * DAY, ends_on=TODAY), "گذشته است"),
        (replace(WINDOW, ends_on=date(2028, 1, 1)), "تا یک سال"),
        # Tuesday and Wednesday, while Saturday morning and Sunday afternoon would do.
        (replace(WINDOW, ends_on=date(2026, 11, 25)), "هیچ‌یک از نیم‌روزهایی"),
    ],
)
def test_times_that_make_no_sense_are_refused_with_a_sentence(
    cast: Cast, line: NewLine, words: str
) -> None:
    with pytest.raises(NeedsRefused) as refused:
        write(cast, line)

    assert words in refused.value.sentence
    assert not NeedLine.objects.exists()


def test_one_line_twice_is_refused_and_two_windows_are_not(cast: Cast) -> None:
    later = replace(WINDOW, starts_on=date(2026, 12, 21), ends_on=date(2027, 1, 20))

    with pytest.raises(InvalidInput, match="دو بار"):
        write(cast, OPEN, replace(OPEN, headcount=2))

    assert len(write(cast, WINDOW, later, OPEN)) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"timing": Timing.OPEN},
        {"half_day": None},
        {"half_day_bits": 1},
        {"half_days_weekly": 2},
        {"starts_on": TODAY},
        {"timing": Timing.OPEN, "half_day": None, "half_day_bits": 1 << 14},
        {"timing": Timing.WINDOW, "half_day": None, "half_day_bits": 1, "starts_on": TODAY},
        {
            "timing": Timing.WINDOW,
            "half_day": None,
            "half_day_bits": 1,
            "starts_on": TODAY,
            "ends_on": TODAY - DAY,
        },
        {"timing": "never"},
    ],
)
def test_the_table_takes_no_half_told_times(cast: Cast, changes: dict[str, object]) -> None:
    write(cast, FIXED)

    with pytest.raises(IntegrityError, match="need_line_timing_whole"), transaction.atomic():
        NeedLine.objects.update(**changes)


def test_the_table_takes_a_flexible_line_once(cast: Cast) -> None:
    first, second = write(cast, OPEN, replace(OPEN, skill_bits=1 << 3))

    with pytest.raises(IntegrityError, match="need_line_flexible_once"), transaction.atomic():
        NeedLine.objects.filter(pk=second.pk).update(skill_bits=first.skill_bits)


def test_seats_are_counted_and_windows_in_their_week_alone(cast: Cast) -> None:
    write(cast, FIXED, replace(OPEN, headcount=3), WINDOW)
    path = cast.places.city.path

    assert asked_counts_by_place() == {"23": 2 + 6 + 2}
    for at, seats in ((NOW, 10), (NOW + 40 * DAY, 8)):
        assert sum(asked_counts_within(path=path, at=at).values()) == seats, at


def test_a_need_closes_once_all_its_days_are_over(cast: Cast) -> None:
    later = replace(WINDOW, starts_on=date(2026, 12, 21), ends_on=date(2027, 1, 20))
    passed, one_left, endless = write(cast, WINDOW), write(cast, WINDOW, later), write(cast, OPEN)

    # On the last day somebody may still come.
    assert close_passed_needs(now=datetime(2026, 12, 20, 12, tzinfo=UTC)) == 0
    after = datetime(2026, 12, 21, 12, tzinfo=UTC)
    assert (close_passed_needs(now=after), close_passed_needs(now=after)) == (1, 0)

    closed = Need.objects.get(status=NeedStatus.CLOSED)
    assert (closed.pk, closed.closed_at) == (passed[0].need_id, after)
    assert Event.objects.get(kind="needs.need_closed").subject_id == closed.pk
    still_open = Need.objects.filter(status=NeedStatus.OPEN).values_list("pk", flat=True)
    assert set(still_open) == {one_left[0].need_id, endless[0].need_id}


def test_open_lines_number_the_days_of_windows(cast: Cast) -> None:
    write(cast, FIXED, WINDOW)

    lines = open_lines()

    fixed, ended = np.argsort(-lines.half_day)
    assert lines.half_day[[fixed, ended]].tolist() == [3, -1]
    assert lines.first_day[[fixed, ended]].tolist() == [0, date(2026, 11, 24).toordinal()]
    last_days = lines.last_day[[fixed, ended]].tolist()
    assert last_days == [(1 << 31) - 1, date(2026, 12, 20).toordinal()]


@dataclass(frozen=True)
class Day:
    half_day: int
    after: date
    found: date | None


@pytest.mark.parametrize(
    "day",
    [
        Day(0, date(2026, 11, 22), date(2026, 11, 28)),
        Day(3, date(2026, 11, 22), date(2026, 11, 29)),
        Day(0, date(2026, 12, 12), date(2026, 12, 19)),
        Day(0, date(2026, 12, 19), None),
        Day(5, date(2026, 11, 1), date(2026, 11, 30)),
        Day(6, date(2026, 11, 1), date(2026, 11, 24)),
    ],
)
def test_the_next_day_lies_in_the_window(day: Day) -> None:
    assert next_day(WINDOW, half_day=day.half_day, after=day.after) == day.found


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (ALL_HALF_DAYS, "هر نیم‌روزی"),
        (0b01010101010101, "هر روز صبح"),
        (0b10101010101010, "هر روز عصر"),
        (0b11, "شنبه صبح، شنبه عصر"),
        (0b111111, "شنبه صبح تا دوشنبه عصر"),
        (0b10000000001110, "شنبه عصر تا یکشنبه عصر، جمعه عصر"),
    ],
)
def test_half_days_are_told_as_shortly_as_they_can_be(bits: int, words: str) -> None:
    assert half_days_in_words(bits) == words


def test_the_times_of_a_line_are_one_phrase() -> None:
    assert in_words(FIXED) == "یکشنبه عصر"
    assert in_words(OPEN) == "هر هفته تا ۲ نیم‌روز، تا نیاز باز است؛ شنبه صبح، یکشنبه عصر"
    assert in_words(replace(WINDOW, half_day_bits=ALL_HALF_DAYS)) == (
        "از ۱۴۰۵/۰۹/۰۳ تا ۱۴۰۵/۰۹/۲۹، هفته‌ای تا ۲ نیم‌روز؛ هر نیم‌روزی"
    )
    with translation.override("en"):
        assert in_words(OPEN) == (
            "up to 2 half-days a week, as long as the need is open; Saturday morning, "
            "Sunday afternoon"
        )
