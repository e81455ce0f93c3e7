from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.core.quantities import (
    bits_of,
    grouped,
    haversine_m,
    kilometres,
    numbers_of,
    to_signed,
    to_unsigned,
)


@given(st.integers(0, (1 << 64) - 1))
def test_a_word_survives_the_signed_column(word: int) -> None:
    stored = to_signed(word)

    assert -(1 << 63) <= stored < 1 << 63
    assert to_unsigned(stored) == word


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_a_stored_word_survives_reading(stored: int) -> None:
    assert to_signed(to_unsigned(stored)) == stored


@given(st.sets(st.integers(0, 63)))
def test_bits_are_a_set_of_numbers(numbers: set[int]) -> None:
    assert list(numbers_of(bits_of(numbers))) == sorted(numbers)


def test_a_signed_word_is_refused_rather_than_read_for_ever() -> None:
    with pytest.raises(ValueError, match="to_unsigned"):
        list(numbers_of(-1))


@pytest.mark.parametrize(
    ("metres", "said"),
    [
        (0, "۱۰۰ متر"),
        (149, "۱۰۰ متر"),
        (151, "۲۰۰ متر"),
        (449.9, "۴۰۰ متر"),
        (949, "۹۰۰ متر"),
        (950, "۱ کیلومتر"),
        (999, "۱ کیلومتر"),
        (1_049, "۱ کیلومتر"),
        (4_200, "۴٫۲ کیلومتر"),
        (4_250, "۴٫۳ کیلومتر"),
        (12_000, "۱۲ کیلومتر"),
        (1_234_500, "۱٬۲۳۴٫۵ کیلومتر"),
    ],
)
def test_distances_are_said_in_steps_of_a_hundred_metres(metres: float, said: str) -> None:
    assert kilometres(metres) == said


def test_numbers_are_grouped_with_persian_signs() -> None:
    assert grouped(1_234_567) == "۱٬۲۳۴٬۵۶۷"
    assert grouped(-12.5) == "−۱۲٫۵"


def test_tehran_is_as_far_from_isfahan_as_on_the_map() -> None:
    distance = haversine_m(latitude=35.6892, longitude=51.389, other=(32.6539, 51.666))

    assert 337_000 < distance < 340_000
    assert haversine_m(latitude=1, longitude=2, other=(1, 2)) == 0
