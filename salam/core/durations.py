"""Lengths of time as people say and type them; kept as whole minutes."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.quantities import grouped
from salam.core.text import ascii_digits, clean, shown_digits

# A bare number up to here may be hours as well as minutes: nobody's three hours become three
# minutes by a guess.
_HOURS_LIKELY_MAX: Final = 12

_CLOCK: Final = re.compile(r"(?P<hours>\d{1,3}) ?[:٫] ?(?P<minutes>[0-5]\d)")
_SPOKEN: Final = re.compile(
    r"(?=\d)(?:(?P<hours>\d{1,3}) ?(?:ساعت|h|hours?))?(?: ?(?:و|and)? ?)"
    r"(?:(?P<half>نیم|half)|(?P<minutes>\d{1,4}) ?(?:دقیقه|min|minutes?|m))?",
    re.IGNORECASE,
)


def duration_in_words(*, minutes: int) -> str:
    """150 -> ۲ ساعت و ۳۰ دقیقه, in English 2 hours and 30 minutes; with a sign below zero."""
    if minutes < 0:
        return f"−{duration_in_words(minutes=-minutes)}"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{minutes} دقیقه").format(minutes=grouped(rest))
    if not rest:
        return _("{hours} ساعت").format(hours=grouped(hours))
    return _("{hours} ساعت و {minutes} دقیقه").format(hours=grouped(hours), minutes=grouped(rest))


def duration_as_typed(*, minutes: int) -> str:
    """150 -> ۲:۳۰, which :func:`read_duration` understands."""
    hours, rest = divmod(minutes, 60)
    return shown_digits(f"{hours}:{rest:02d}")


def read_duration(text: str) -> int:
    """Minutes from «۲:۳۰», «۲ ساعت و ۳۰ دقیقه», «۲ ساعت و نیم» or «۱۵۰». Raises InvalidInput."""
    typed = ascii_digits(clean(text))
    if typed.isdecimal() and len(typed) <= 4:
        if int(typed) <= _HOURS_LIKELY_MAX:
            raise InvalidInput(
                _("ساعت است یا دقیقه؟ برای نمونه ۲:۳۰ یا «۲ ساعت» بنویسید."),
            )
        return int(typed)
    found = _CLOCK.fullmatch(typed) or _SPOKEN.fullmatch(typed)
    if found is None:
        raise InvalidInput(_("مدت را با ساعت و دقیقه بنویسید، برای نمونه ۲:۳۰."))
    parts = found.groupdict()
    half = 30 if parts.get("half") else 0
    return int(parts["hours"] or 0) * 60 + int(parts["minutes"] or 0) + half
