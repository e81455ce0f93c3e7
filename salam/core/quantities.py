"""Whole-number quantities and how they are said: distances, places, half-days, sets of bits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from salam.core.language import is_persian
from salam.core.text import persian_digits

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of the WGS 84 ellipsoid (Moritz, 1980)
_SIGN_BIT = 1 << 63


def grouped(number: float) -> str:
    """A number with the reader's digits and separators: ۱۲٬۳۴۵ or ۱۲٬۳۴۵٫۶, 12,345 or 12,345.6."""
    text = f"{number:,}".replace("-", "−")
    if not is_persian():
        return text
    return persian_digits(text.replace(",", "٬").replace(".", "٫"))


def kilometres(metres: float) -> str:
    """A distance for people, in steps of 100 m: ۴٫۲ کیلومتر, under a kilometre ۸۰۰ متر."""
    hundreds = max(1, int(metres / 100 + 0.5))
    if hundreds < 10:
        return _("{count} متر").format(count=grouped(hundreds * 100))
    whole, tenths = divmod(hundreds, 10)
    return _("{count} کیلومتر").format(count=grouped(hundreds / 10 if tenths else whole))


def haversine_m(*, latitude: float, longitude: float, other: tuple[float, float]) -> float:
    """Great-circle distance in metres between two points in degrees."""
    first, second = math.radians(latitude), math.radians(other[0])
    half_rise = (second - first) / 2
    half_run = math.radians(other[1] - longitude) / 2
    chord = math.sin(half_rise) ** 2 + math.cos(first) * math.cos(second) * math.sin(half_run) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def bits_of(numbers: Iterable[int]) -> int:
    """The set of bit numbers as one word."""
    word = 0
    for number in numbers:
        word |= 1 << number
    return word


def numbers_of(word: int) -> Iterator[int]:
    """The bit numbers of a word, lowest first. Raises ValueError for a stored, signed word."""
    if word < 0:
        raise ValueError("a signed word has no last bit: to_unsigned comes first")
    while word:
        lowest = word & -word
        yield lowest.bit_length() - 1
        word ^= lowest


def to_signed(word: int) -> int:
    """A 64-bit word as PostgreSQL's signed bigint keeps it."""
    return word - (1 << 64) if word & _SIGN_BIT else word


def to_unsigned(stored: int) -> int:
    """A bigint read back as the 64-bit word it stands for."""
    return stored & ((1 << 64) - 1)
