"""When a line of a need may be served: its half-days, its days, and how that reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, Protocol

from django.utils.translation import gettext as _

from salam.core.dates import (
    DAY_PARTS,
    HALF_DAY_COUNT,
    day_part_name,
    half_day_name,
    jalali,
    next_half_day,
)
from salam.core.language import listed
from salam.core.quantities import bits_of, grouped, numbers_of

ALL_HALF_DAYS: Final = (1 << HALF_DAY_COUNT) - 1
# So many half-days in a row are read as "from … to …"; fewer are named one by one.
_ROW_MIN: Final = 3


class Times(Protocol):
    """What a line, written down or still to be, says of its times."""

    @property
    def half_day(self) -> int | None: ...
    @property
    def half_day_bits(self) -> int: ...
    @property
    def half_days_weekly(self) -> int: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...


def half_days_of(line: Times) -> list[int]:
    """The half-days on which a line may be served, in the order of the week."""
    return [line.half_day] if line.half_day is not None else list(numbers_of(line.half_day_bits))


def next_day(line: Times, *, half_day: int, after: date) -> date | None:
    """The first day after ``after`` on which a half-day falls within the line's window.

    None once the window is over.
    """
    if line.starts_on is not None:
        # From the day before the window, so that its first day counts.
        after = max(after, line.starts_on - timedelta(days=1))
    day = next_half_day(half_day, after=after)
    return None if line.ends_on is not None and day > line.ends_on else day


def in_words(line: Times) -> str:
    """The times of a line in one phrase: شنبه صبح, or هر هفته تا ۲ نیم‌روز؛ هر صبح."""
    if line.half_day is not None:
        return half_day_name(line.half_day)
    half_days = half_days_in_words(line.half_day_bits)
    count = grouped(line.half_days_weekly)
    if line.starts_on is None or line.ends_on is None:
        return _("هر هفته تا {count} نیم‌روز، تا نیاز باز است؛ {half_days}").format(
            count=count, half_days=half_days
        )
    return _("از {first} تا {last}، هفته‌ای تا {count} نیم‌روز؛ {half_days}").format(
        first=jalali(line.starts_on),
        last=jalali(line.ends_on),
        count=count,
        half_days=half_days,
    )


def half_days_in_words(bits: int) -> str:
    """Some half-days of a week, told as shortly as they can be."""
    if bits == ALL_HALF_DAYS:
        return _("هر نیم‌روزی")
    for part in range(len(DAY_PARTS)):
        if bits == bits_of(range(part, HALF_DAY_COUNT, len(DAY_PARTS))):
            return _("هر روز {part}").format(part=day_part_name(part))
    return listed(_rows_in_words(list(numbers_of(bits))))


def _rows_in_words(half_days: Sequence[int]) -> Iterator[str]:
    row: list[int] = []
    for half_day in (*half_days, HALF_DAY_COUNT + 1):
        if row and half_day != row[-1] + 1:
            if len(row) >= _ROW_MIN:
                yield _("{first} تا {last}").format(
                    first=half_day_name(row[0]), last=half_day_name(row[-1])
                )
            else:
                yield from map(half_day_name, row)
            row = []
        row.append(half_day)
