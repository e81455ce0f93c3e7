"""Phone numbers and national IDs: read as people write them, checked, brought to one form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers
from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.text import ascii_digits

_NATIONAL_ID: Final = re.compile(r"\d{8,10}", re.ASCII)
_OTHER_ID: Final = re.compile(r"(?=[A-Z]*\d)[A-Z0-9]{6,20}", re.ASCII)
_PHONE: Final = re.compile(r"\+?\d{8,15}", re.ASCII)
_MOBILE: Final = re.compile(r"(?:(?:\+|00)?98)?0?(9\d{9})", re.ASCII)
_SEPARATORS: Final = re.compile(r"[\s\u200c\u200e\u200f\-_.()/]+")
_LANDLINE: Final = re.compile(r"(?:(?:\+|00)98|0)[1-8]\d{9}", re.ASCII)

# In running text: groups of digits with at most a few separators between them.
_DATE: Final = re.compile(r"(?<!\d)(?:1[34]|20)\d\d([/.\-])\d{1,2}\1\d{1,2}(?!\d)", re.ASCII)
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s\-._/()\u200c\u200e\u200f]{1,4}(?=\+?\d)")
_DIGIT_GROUPS: Final = re.compile(r"\+?\d+(?:-\+?\d+)*", re.ASCII)
_LONGEST_PHONE: Final = 15
_NATIONAL_ID_GROUPS: Final = ([10], [3, 6, 1])


def normalise_phone(text: str) -> str:
    """Any phone number, mobile or not, as E.164; one without a country code is Iran's.

    Raises InvalidInput.
    """
    compact = _SEPARATORS.sub("", ascii_digits(text))
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    elif compact.startswith("98") and len(compact) == 12:
        compact = "+" + compact
    # The library reads letters as the digits of their keys, and passes over extensions.
    if not _PHONE.fullmatch(compact):
        raise InvalidInput(_("شمارهٔ تلفن خوانده نشد؛ آن را مثل ۰۹۱۲۳۴۵۶۷۸۹ بنویسید."))
    try:
        parsed = phonenumbers.parse(compact, "IR")
    except phonenumbers.NumberParseException:
        raise InvalidInput(_("شمارهٔ تلفن خوانده نشد؛ آن را مثل ۰۹۱۲۳۴۵۶۷۸۹ بنویسید.")) from None
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidInput(_("چنین شمارهٔ تلفنی نیست؛ رقم‌هایش را دوباره ببینید."))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normalise_mobile(text: str) -> str:
    """A mobile number of Iran, written 0912…, +98912…, 0098912…, 98912… or 912…, as E.164.

    People are reached by message, so a landline or a number of another country will not do; a
    family may share one mobile. Read here and not by the library, which takes fifty times as long:
    files bring 300,000 of them. Raises InvalidInput.
    """
    compact = _SEPARATORS.sub("", ascii_digits(text))
    match = _MOBILE.fullmatch(compact)
    if match is None:
        if _LANDLINE.fullmatch(compact):
            raise InvalidInput(_("این شمارهٔ تلفن ثابت است؛ شمارهٔ همراه بنویسید، مثل ۰۹۱۲۳۴۵۶۷۸۹."))
        raise InvalidInput(_("شمارهٔ همراه خوانده نشد؛ آن را مثل ۰۹۱۲۳۴۵۶۷۸۹ بنویسید."))
    if not _MOBILE_PREFIXES.fullmatch(match.group(1)):
        raise InvalidInput(_("چنین شمارهٔ همراهی نیست؛ رقم‌هایش را دوباره ببینید."))
    return f"+98{match.group(1)}"


def is_national_id(digits: str) -> bool:
    """Whether ten ASCII digits carry the check digit of Iran's national ID.

    The weighted sum of the first nine digits (weights 10 … 2) modulo 11 gives the tenth: itself
    when under 2, else 11 minus it. Ten equal digits pass the sum but are never issued.
    """
    if len(digits) != 10 or not _NATIONAL_ID.fullmatch(digits) or len(set(digits)) == 1:
        return False
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (remainder if remainder < 2 else 11 - remainder)


def normalise_national_id(text: str) -> str:
    """A national ID as ten ASCII digits; the leading zeros that spreadsheets drop are put back.

    Raises InvalidInput.
    """
    compact = _SEPARATORS.sub("", ascii_digits(text))
    if not _NATIONAL_ID.fullmatch(compact):
        raise InvalidInput(_("کد ملی باید ده رقم باشد."))
    padded = compact.zfill(10)
    if not is_national_id(padded):
        raise InvalidInput(_("کد ملی درست نیست؛ رقم‌هایش را دوباره ببینید."))
    return padded


def normalise_other_id(text: str) -> str:
    """An identifier of another kind (foreign national's code, passport), as it is compared.

    Letters and digits alone, in capitals. Raises InvalidInput.
    """
    bare = _SEPARATORS.sub("", ascii_digits(text)).upper()
    if not _OTHER_ID.fullmatch(bare):
        raise InvalidInput(_("این شناسه را همان‌طور که روی کارت است بنویسید: رقم و حرف لاتین."))
    return bare


def holds_phone(text: str) -> bool:
    """Whether running text seems to hold a phone number.

    Digits count in any script and with separators in between; dates do not.
    """
    return any(_reads_as_phone(groups) for groups in _digit_groups(text))


def holds_national_id(text: str) -> bool:
    """Whether running text holds a number with the check digit of a national ID, in any script."""
    return any(_reads_as_national_id(groups) for groups in _digit_groups(text))


def _digit_groups(text: str) -> Iterator[list[str]]:
    """Every run of neighbouring groups of digits: "۱۲ نفر، 0912 345" gives 12; 0912; 0912 345."""
    plain = re.sub(r"\d", lambda digit: str(int(digit.group())), text)
    joined = _BETWEEN_DIGITS.sub("-", _DATE.sub(" ", plain))
    for match in _DIGIT_GROUPS.finditer(joined):
        groups = match.group().replace("+", "").split("-")
        for first in range(len(groups)):
            for last in range(first + 1, min(len(groups), first + _LONGEST_PHONE) + 1):
                yield groups[first:last]


def _reads_as_national_id(groups: list[str]) -> bool:
    return [len(group) for group in groups] in _NATIONAL_ID_GROUPS and is_national_id(
        "".join(groups),
    )


def _reads_as_phone(groups: list[str]) -> bool:
    digits = "".join(groups)
    # Without a leading 0 or 9 (912…, 98…) a run of digits is more likely an amount or a code.
    if not 10 <= len(digits) <= _LONGEST_PHONE or digits[0] not in "09":
        return False
    try:
        normalise_phone(digits)
    except InvalidInput:
        return False
    return True


def _mobile_prefixes() -> re.Pattern[str]:
    """The library's own list of prefixes that have been given out."""
    iran = phonenumbers.PhoneMetadata.metadata_for_region("IR")
    if iran is None or iran.mobile is None or iran.mobile.national_number_pattern is None:
        raise RuntimeError("phonenumbers came without its list for Iran")
    return re.compile(iran.mobile.national_number_pattern, re.ASCII)


_MOBILE_PREFIXES: Final = _mobile_prefixes()
