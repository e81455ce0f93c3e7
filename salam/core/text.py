"""Persian text as people type it, folded so that the same words always compare equal.

Three forms, each for one purpose:

- :func:`clean` is what is stored and shown: Persian yeh and kaf, single spaces, half-spaces kept;
- :func:`fold` is what is searched and compared: no half-spaces, marks or letter variants at all;
- :func:`sort_key` is what is ordered by: the database has no Persian collation, so the alphabet is
  mapped to bytes.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.language import is_persian

HALF_SPACE = "\u200c"

_PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
_ASCII_DIGITS = "0123456789"
_TO_ASCII_DIGITS = str.maketrans(_PERSIAN_DIGITS + _ARABIC_DIGITS, _ASCII_DIGITS * 2)
_TO_PERSIAN_DIGITS = str.maketrans(_ASCII_DIGITS, _PERSIAN_DIGITS)

# Letters that other keyboards and old systems type for one Persian letter, and what nobody sees.
_LETTER_VARIANTS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ے": "ی",
        "ك": "ک",
        "ڪ": "ک",
        "ہ": "ه",
        "ھ": "ه",
        "ۀ": "هٔ",
        "ة": "ه",
        "ـ": None,  # tatweel only stretches a word
        "\u00a0": " ",
        "\u00ad": None,
        "\u061c": None,
        "\u200b": None,
        "\u200d": None,
        "\u200e": None,
        "\u200f": None,
        "\u2060": None,
        "\ufeff": None,
    },
)
# Letters of the country's other languages stay as their writers wrote them, but are found and
# ordered by the Persian letter that others would type.
_NEIGHBOUR_LETTERS = {"ې": "ی", "ێ": "ی", "ە": "ه", "ۆ": "و", "ڕ": "ر", "ڵ": "ل", "ڤ": "و"}
_HAMZA_LETTERS = {"أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی"}
_SEARCH_VARIANTS = str.maketrans(
    {**_NEIGHBOUR_LETTERS, **_HAMZA_LETTERS, "آ": "ا", "ء": None, HALF_SPACE: " "},
)
_SORT_VARIANTS = str.maketrans({**_NEIGHBOUR_LETTERS, **_HAMZA_LETTERS, HALF_SPACE: None})

# The same letter by letter, as far as the database can do it: what is searched under another form,
# and what is left out altogether (gaps, marks, punctuation).
FOLDED_LETTERS = {
    **_NEIGHBOUR_LETTERS,
    **_HAMZA_LETTERS,
    "آ": "ا",
    **dict(zip(_PERSIAN_DIGITS + _ARABIC_DIGITS, _ASCII_DIGITS * 2, strict=True)),
}
FOLDED_AWAY = f"ء {HALF_SPACE}" + "".join(map(chr, range(0x64B, 0x656))) + "،؛؟.,:;!?()«»-_/'\""

# Letters copied out of old documents in the shape that they have at the end of a word, and so on.
_SHAPED_LETTERS = re.compile(r"[\ufb50-\ufdff\ufe70-\ufefc]+")
_GAPS = re.compile(r"[\s\u200c]+")
_SPACES = re.compile(r"\s+")
# Most text needs nothing done, and files bring millions of cells: a search is ten times as fast as
# the work itself.
_OTHER_DIGITS = re.compile(f"[{_PERSIAN_DIGITS}{_ARABIC_DIGITS}]")
_UNTIDY = re.compile(
    rf"[{''.join(map(chr, _LETTER_VARIANTS))}\ufb50-\ufdff\ufe70-\ufefc]|[^\S ]"
    r"|^[ \u200c]|[ \u200c]$|[ \u200c]{2}",
)
_NUMBER = re.compile(r"\d+")
_NOT_A_WORD = re.compile(r"[^\w\s]|_")
# Angle brackets, control characters, what turns the direction of a line, halves of characters and
# code points that no font has.
_REFUSED = re.compile(
    r"[<>\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u206f"
    r"\ud800-\uf8ff\ufff9-\uffff\U000e0000-\U0010ffff]",
)

_ALPHABET = "ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_FOLDED = re.compile(rf"(?: ?[a-z0-9{_ALPHABET[2:]}])*")
_SORT_WEIGHT = {
    letter: chr(0x61 + index // 26) + chr(0x61 + index % 26)
    for index, letter in enumerate(_ALPHABET)
}


def ascii_digits(text: str) -> str:
    """Persian and Arabic digits as the ASCII digits that codes, phones and dates are kept in."""
    return text.translate(_TO_ASCII_DIGITS) if _OTHER_DIGITS.search(text) else text


def persian_digits(value: object) -> str:
    """Any value as text with Persian digits, for the eye only."""
    return str(value).translate(_TO_PERSIAN_DIGITS)


def shown_digits(value: object) -> str:
    """Any value as text, with the digits of the reader's language."""
    return persian_digits(value) if is_persian() else str(value)


def is_question(text: str) -> bool:
    """Whether a sentence ends by asking, in Persian or English."""
    return text.rstrip().endswith(("؟", "?"))


def clean(text: str) -> str:
    """Text as it is stored: Persian letters, single spaces, half-spaces kept, ends trimmed."""
    if not _UNTIDY.search(text) and unicodedata.is_normalized("NFC", text):
        return text
    # Composed before, so that an Arabic yeh with a hamza is one letter, and after, to be the same
    # however often it is done.
    composed = unicodedata.normalize("NFC", _SHAPED_LETTERS.sub(_unshaped, text))
    persian = unicodedata.normalize("NFC", composed.translate(_LETTER_VARIANTS))
    return _GAPS.sub(_one_gap, persian).strip(" " + HALF_SPACE)


def clean_name(text: str, *, label: str, length_max: int = 80) -> str:
    """A name as it is stored, refused when it is empty, too long or holds mark-up.

    Raises InvalidInput with a sentence that starts with ``label``.
    """
    if _REFUSED.search(text):
        raise InvalidInput(
            _("{label} نویسه‌هایی دارد که پذیرفته نمی‌شود؛ فقط حروف و فاصله بنویسید.").format(
                label=label,
            ),
        )
    cleaned = clean(text)
    # Signs alone, such as a vowel mark without its letter, name nothing.
    if not any(character.isalnum() for character in cleaned):
        raise InvalidInput(_("{label} خالی است.").format(label=label))
    if len(cleaned) > length_max:
        raise InvalidInput(
            _("{label} بلندتر از {length_max} نویسه است.").format(
                label=label,
                length_max=shown_digits(length_max),
            ),
        )
    return cleaned


def fold(text: str) -> str:
    """Text as it is searched: no marks or half-spaces, one form a letter, ASCII digits, lower case.

    >>> fold("كرمان") == fold("کرمان")
    True
    """
    cleaned = clean(ascii_digits(text))
    if _FOLDED.fullmatch(cleaned):
        return cleaned
    plain = cleaned.translate(_SEARCH_VARIANTS)
    words = _NOT_A_WORD.sub(" ", _without_marks(plain))
    return _SPACES.sub(" ", words).strip().lower()


def fold_tight(text: str) -> str:
    """Folded text without spaces, for names that are written both ways (اسلام شهر، اسلامشهر)."""
    return fold(text).replace(" ", "")


def sort_key(text: str) -> str:
    """A key that orders names by the Persian alphabet in any byte-wise collation.

    Spaces stand before digits, digits before letters, Persian letters before Latin ones; numbers
    are ordered by their value, so "منطقه ۲" stands before "منطقه ۱۰".
    """
    prepared = clean(ascii_digits(text)).translate(_SORT_VARIANTS).lower()
    return "".join(_weight(character) for character in _NUMBER.sub(_by_value, prepared))


def _weight(character: str) -> str:
    weight = _SORT_WEIGHT.get(character)
    if weight is not None:
        return weight
    base = unicodedata.normalize("NFD", character)[0]
    if "a" <= base <= "z":
        return f"z{base}"
    return base if base.isascii() else ""


def _by_value(number: re.Match[str]) -> str:
    """Digits after their count, so that longer numbers stand later."""
    digits = number.group().lstrip("0")
    return f"{len(digits):02d}{digits}"


def _unshaped(letters: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", letters.group())


def _one_gap(gap: re.Match[str]) -> str:
    """A space swallows the half-spaces beside it, which nobody could see."""
    return HALF_SPACE if gap.group().strip(HALF_SPACE) == "" else " "


def _without_marks(text: str) -> str:
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter)
    )
