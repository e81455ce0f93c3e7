"""What the times of a line must be, whoever writes it down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Protocol

from django.utils.translation import gettext as _

from salam.core.dates import HALF_DAY_COUNT
from salam.core.errors import InvalidInput
from salam.core.text import shown_digits
from salam.needs.enums import Timing
from salam.needs.timing import ALL_HALF_DAYS, Times, half_days_of, next_day

# What lies further ahead than a year is a plan, and is written down when it is nearer.
WINDOW_AHEAD_MAX: Final = timedelta(days=366)


class _Timed(Times, Protocol):
    @property
    def timing(self) -> Timing: ...


def check_timing(*, line: _Timed, today: date) -> None:
    """Raises InvalidInput with what is wrong with the times of a line."""
    if line.timing == Timing.FIXED:
        _check_fixed(line)
        return
    if line.half_day is not None:
        raise InvalidInput(_("بگویید این ردیف کِی لازم است."))
    if not 0 < line.half_day_bits <= ALL_HALF_DAYS:
        raise InvalidInput(_("دست‌کم یک نیم‌روز را از شنبه صبح تا جمعه عصر انتخاب کنید."))
    allowed = len(half_days_of(line))
    if not 1 <= line.half_days_weekly <= allowed:
        raise InvalidInput(
            _(
                "شمار نیم‌روزهای هر هفته باید از ۱ تا {allowed} باشد: به اندازهٔ نیم‌روزهایی که "
                "انتخاب کرده‌اید."
            ).format(allowed=shown_digits(allowed))
        )
    if line.timing == Timing.WINDOW:
        _check_window(line, today)
    elif line.starts_on is not None or line.ends_on is not None:
        raise InvalidInput(_("نیازی که پایانش معلوم است با روزِ آغاز و پایان نوشته می‌شود."))


def _check_fixed(line: _Timed) -> None:
    if line.half_day is None or not 0 <= line.half_day < HALF_DAY_COUNT:
        raise InvalidInput(_("نیم‌روز را از شنبه صبح تا جمعه عصر انتخاب کنید."))
    told = (line.half_day_bits, line.half_days_weekly, line.starts_on, line.ends_on)
    if told != (0, 1, None, None):
        raise InvalidInput(_("ردیف ثابت همان یک نیم‌روز است، بی بازه و بی نیم‌روزهای دیگر."))


def _check_window(line: _Timed, today: date) -> None:
    starts_on, ends_on = line.starts_on, line.ends_on
    if starts_on is None or ends_on is None:
        raise InvalidInput(_("روز آغاز و روز پایان بازه را بنویسید."))
    if ends_on < starts_on:
        raise InvalidInput(_("پایان بازه پیش از آغاز آن است."))
    if ends_on <= today:
        raise InvalidInput(_("این بازه گذشته است؛ روزهایی از فردا به بعد بنویسید."))
    if ends_on > today + WINDOW_AHEAD_MAX:
        raise InvalidInput(_("پایان بازه باید تا یک سال دیگر باشد."))
    if not any(
        next_day(line, half_day=half_day, after=today) is not None
        for half_day in half_days_of(line)
    ):
        raise InvalidInput(_("در این بازه هیچ‌یک از نیم‌روزهایی که انتخاب کرده‌اید نیست."))
