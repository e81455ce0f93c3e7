"""A volunteer's code: what somebody tells an office to be asked about, instead of name or number.

The first 48 bits of the record's random id as fifteen digits, which are typed on any keyboard and
said on the telephone. It tells nothing about the person, cannot be guessed (mission, rule 3), and
stays the same until the record is forgotten.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.text import ascii_digits
from salam.people.models import Person

_DIGIT_COUNT: Final = 15
_GROUP_LENGTH: Final = 5
_BITS_LEFT_OUT: Final = 80
_SEPARATORS: Final = re.compile(r"[\s\u200c\u200e\u200f\-_.]+")


def code_of(*, public_id: UUID) -> str:
    """The code in groups of five digits, as it is read out."""
    digits = str(public_id.int >> _BITS_LEFT_OUT).zfill(_DIGIT_COUNT)
    return " ".join(
        digits[start : start + _GROUP_LENGTH] for start in range(0, _DIGIT_COUNT, _GROUP_LENGTH)
    )


def normalise_code(text: str) -> str:
    """A code as it was typed, in any digits and groups, as fifteen ASCII digits.

    Raises InvalidInput.
    """
    digits = _SEPARATORS.sub("", ascii_digits(text))
    if len(digits) != _DIGIT_COUNT or not digits.isdecimal():
        raise InvalidInput(_("کد داوطلبی پانزده رقم است؛ آن را دوباره ببینید."))
    return digits


def person_of_code(*, code: str) -> int | None:
    """The record that a normalised code stands for, a merged one its successor; None where there
    is none. Two records of one code are as good as none. One query, by index.
    """
    first = int(code) << _BITS_LEFT_OUT
    last = first + (1 << _BITS_LEFT_OUT) - 1
    if last >> 128:
        return None
    found = Person.objects.filter(
        public_id__range=(UUID(int=first), UUID(int=last)), forgotten_at__isnull=True
    ).values_list("pk", "merged_into_id")[:2]
    if len(found) != 1:
        return None
    key, merged_into = found[0]
    return merged_into or key
