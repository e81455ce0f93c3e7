"""How many parts of an SMS a text takes, which is what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# The letters of GSM 03.38; one letter outside, every Persian one, and the whole text takes two
# octets a letter.
_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
)
_GSM_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # two places each
_GSM_SINGLE, _GSM_JOINED = 160, 153
_UCS_SINGLE, _UCS_JOINED = 70, 67


def sms_parts(*, text: str) -> int:
    """Parts of a text: one up to 160 letters of GSM or 70 others, then 153 or 67 each.

    Nothing takes no part. What takes two places (a brace, a letter beyond the basic plane) is
    never torn in two.
    """
    if all(letter in _GSM or letter in _GSM_EXTENDED for letter in text):
        places = [2 if letter in _GSM_EXTENDED else 1 for letter in text]
        return _parts(places, single=_GSM_SINGLE, joined=_GSM_JOINED)
    places = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return _parts(places, single=_UCS_SINGLE, joined=_UCS_JOINED)


def _parts(places: Sequence[int], *, single: int, joined: int) -> int:
    if not places:
        return 0
    if sum(places) <= single:
        return 1
    parts, filled = 1, 0
    for width in places:
        if filled + width > joined:
            parts, filled = parts + 1, 0
        filled += width
    return parts
