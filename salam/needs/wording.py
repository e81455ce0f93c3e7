"""What may not stand in the text of a need: a way to reach or know one person.

Needs are about places and services (mission, rule 2). Names cannot be told from other words, but
phone numbers, national IDs and addresses of messengers can. People hide digits behind spaces, dots
or other alphabets, so the text is first brought to one form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from salam.core.errors import InvalidInput
from salam.core.identifiers import is_national_id, normalise_phone
from salam.core.text import clean_name

_DATE: Final = re.compile(r"(?<!\d)(?:1[34]|20)\d\d([/.\-])\d{1,2}\1\d{1,2}(?!\d)")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[\s\-._/()\u200c\u200e\u200f]+(?=\+?\d)")
_DIGIT_GROUPS: Final = re.compile(r"\d+(?:-\+?\d+)*")
_PHONE_START: Final = ("0", "9")
_PHONE_LENGTHS: Final = range(10, 15)
_HANDLE: Final = re.compile(r"@\s*\w|\w\s*@")
_NATIONAL_ID_GROUPS: Final = ([10], [3, 6, 1])


class HoldsPhone(InvalidInput):
    code = "holds_phone"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} شمارهٔ تلفن یا نشانی پیام‌رسان دارد؛ آن را بردارید. "
            "تماس را مؤسسهٔ واسط برقرار می‌کند.",
        )


class HoldsNationalId(InvalidInput):
    code = "holds_national_id"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} کد ملی دارد؛ آن را بردارید. نیازها دربارهٔ محله‌اند، نه دربارهٔ یک نفر."
        )


def checked_text(text: str, *, label: str, length_max: int) -> str:
    """Text as it is stored; refused when empty, too long, or with mark-up or somebody's data.

    Raises InvalidInput, HoldsPhone, HoldsNationalId, each with a sentence that starts with
    ``label``.
    """
    cleaned = clean_name(text, label=label, length_max=length_max)
    if _HANDLE.search(cleaned):
        raise HoldsPhone(label)
    for groups in _digit_groups(cleaned):
        if _is_national_id(groups):
            raise HoldsNationalId(label)
        if _is_phone(groups):
            raise HoldsPhone(label)
    return cleaned


def _digit_groups(text: str) -> Iterator[list[str]]:
    """Every run of neighbouring groups of digits: "۱۲ نفر، 0912 345-6789" gives 12.

    0912; 0912 345; …
    """
    plain = re.sub(r"\d", lambda digit: str(int(digit.group())), text)
    joined = _BETWEEN_DIGITS.sub("-", _DATE.sub(" ", plain))
    for match in _DIGIT_GROUPS.finditer(joined):
        groups = match.group().replace("+", "").split("-")
        for first in range(len(groups)):
            for last in range(first + 1, min(len(groups), first + 14) + 1):
                yield groups[first:last]


def _is_national_id(groups: list[str]) -> bool:
    return [len(group) for group in groups] in _NATIONAL_ID_GROUPS and is_national_id(
        "".join(groups),
    )


def _is_phone(groups: list[str]) -> bool:
    digits = "".join(groups)
    if len(digits) not in _PHONE_LENGTHS or not digits.startswith(_PHONE_START):
        return False
    try:
        normalise_phone(digits)
    except InvalidInput:
        return False
    return True
