"""Phone numbers and national IDs: read as people write them, checked, brought to one form."""

from __future__ import annotations

import re

import phonenumbers

from salam.core.errors import InvalidInput
from salam.core.text import ascii_digits

_NATIONAL_ID = re.compile(r"\d{8,10}")
_SEPARATORS = re.compile(r"[\s\u200c\u200e\u200f\-_.()/]+")
# Digits that could be a phone or an identifier inside running text, with the separators people put in.
_DIGIT_RUN = re.compile(r"(?<!\d)\+?\d(?:[\s\-]?\d){7,14}(?!\d)")


def normalise_phone(text: str) -> str:
    """A phone number of Iran, written 0912…, +98912…, 0098912… or 912…, as E.164. Raises InvalidInput."""
    compact = _SEPARATORS.sub("", ascii_digits(text))
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    elif compact.startswith("98") and len(compact) == 12:
        compact = "+" + compact
    try:
        parsed = phonenumbers.parse(compact, "IR")
    except phonenumbers.NumberParseException:
        raise InvalidInput("شمارهٔ تلفن خوانده نشد؛ آن را مثل ۰۹۱۲۳۴۵۶۷۸۹ بنویسید.") from None
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidInput("چنین شمارهٔ تلفنی نیست؛ رقم‌هایش را دوباره ببینید.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_national_id(digits: str) -> bool:
    """Whether ten ASCII digits carry the check digit of Iran's national ID.

    The weighted sum of the first nine digits (weights 10 … 2) modulo 11 gives the tenth: itself when under 2, else
    11 minus it. Ten equal digits pass the sum but are never issued.
    """
    if len(digits) != 10 or not digits.isdecimal() or len(set(digits)) == 1:
        return False
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (remainder if remainder < 2 else 11 - remainder)


def normalise_national_id(text: str) -> str:
    """A national ID as ten ASCII digits; spreadsheets drop leading zeros, so they are put back. Raises InvalidInput."""
    compact = _SEPARATORS.sub("", ascii_digits(text))
    if not _NATIONAL_ID.fullmatch(compact):
        raise InvalidInput("کد ملی باید ده رقم باشد.")
    padded = compact.zfill(10)
    if not is_national_id(padded):
        raise InvalidInput("کد ملی درست نیست؛ رقم‌هایش را دوباره ببینید.")
    return padded


def holds_identifier(text: str) -> bool:
    """Whether running text seems to hold a phone number or a valid national ID."""
    for match in _DIGIT_RUN.finditer(ascii_digits(text)):
        digits = re.sub(r"\D", "", match.group())
        if is_national_id(digits):
            return True
        try:
            normalise_phone(match.group())
        except InvalidInput:
            continue
        return True
    return False
