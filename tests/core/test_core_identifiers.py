"""Phones and national IDs as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salam.core.errors import InvalidInput
from salam.core.identifiers import (
    holds_national_id,
    holds_phone,
    is_national_id,
    normalise_mobile,
    normalise_national_id,
    normalise_phone,
)
from salam.core.text import persian_digits

first_nine = st.text(alphabet="0123456789", min_size=9, max_size=9)


def check_digit(digits: str) -> int:
    remainder = sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
    return remainder if remainder < 2 else 11 - remainder


@pytest.mark.parametrize(
    "written",
    [
        "09123456789",
        "9123456789",
        "+989123456789",
        "00989123456789",
        "989123456789",
        "+98 0912 345 6789",
        "0912 345 67 89",
        "0912-345-6789",
        "(0912) 345.6789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "\u200e+98 ۹۱۲ ۳۴۵ ۶۷۸۹\u200f",
    ],
)
def test_a_mobile_number_is_read_in_every_form(written: str) -> None:
    assert normalise_mobile(written) == "+989123456789"
    assert normalise_phone(written) == "+989123456789"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0912345678",
        "091234567890",
        "09501234567",
        "02188776655",
        "+982188776655",
        "+14155552671",
        "0912ABC4567",
        "0912 345 6789 داخلی 5",
        "09123456789x5",
        "09123456789, 09351234567",
        "०९१२३४५६७८९",
        "9.12E+09",
        "+",
    ],
)
def test_what_no_message_reaches_is_no_mobile(written: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        normalise_mobile(written)

    assert written.strip() == "" or written not in refusal.value.sentence


def test_a_landline_is_told_so_but_is_a_phone() -> None:
    with pytest.raises(InvalidInput, match="ثابت"):
        normalise_mobile("021 8877 6655")

    assert normalise_phone("021 8877 6655") == "+982188776655"
    assert normalise_phone("+1 415 555 2671") == "+14155552671"


@pytest.mark.parametrize("written", ["", "12", "0912ABC4567", "0912345678", "+98", "٪"])
def test_what_is_no_phone_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        normalise_phone(written)


@given(first_nine)
def test_exactly_one_check_digit_fits(digits: str) -> None:
    fitting = [last for last in range(10) if is_national_id(f"{digits}{last}")]

    expected = check_digit(digits)
    is_one_digit_repeated = len(set(f"{digits}{expected}")) == 1
    assert fitting == ([] if is_one_digit_repeated else [expected])


@given(st.text(alphabet="0123456789", min_size=6, max_size=8))
def test_leading_zeros_that_a_spreadsheet_dropped_come_back(tail: str) -> None:
    digits = f"1{tail}".zfill(9)
    whole = f"{digits}{check_digit(digits)}"

    assert normalise_national_id(whole.lstrip("0")) == whole
    assert normalise_national_id(f" {persian_digits(whole)} ") == whole
    assert normalise_national_id(f"{whole[:3]}-{whole[3:9]}-{whole[9]}") == whole


@pytest.mark.parametrize(
    "written",
    ["", "1234567", "12345678901", "1111111111", "0000000000", "0012345678", "abc", "००१२३४५६७९"],
)
def test_what_is_no_national_id_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        normalise_national_id(written)


@given(first_nine, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(digits: str, place: int, shift: int) -> None:
    wrong = f"{digits[:place]}{(int(digits[place]) + shift) % 10}{digits[place + 1 :]}"
    last = check_digit(digits)

    # Remainders 10 and 1 share a check digit: the one hole that the scheme itself has.
    if check_digit(wrong) != last:
        assert not is_national_id(f"{wrong}{last}")


@pytest.mark.parametrize(
    "text",
    [
        "زنگ بزنید 09123456789",
        "شماره‌اش ۰۹۱۲ ۳۴۵ ۶۷ ۸۹ است",
        "0912.345.6789",
        "0912 - 345 - 6789",
        "12 09123456789",
        "+98 912 345 6789",
        "021-88776655",
        "کد ملی 0012345679",
        "۰۰۱-۲۳۴۵۶۷-۹",
    ],
)
def test_an_identifier_in_running_text_is_seen(text: str) -> None:
    assert holds_phone(text) or holds_national_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "سه نفر در نوبت صبح",
        "۱۲ نفر، ۳ روز، ساعت ۱۰:۳۰",
        "از 1404/05/23 تا 1404/06/31",
        "بودجه ۱۲۰۰۰۰۰۰۰۰ ریال",
        "کد محل 2301",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_phone(text)
    assert not holds_national_id(text)
