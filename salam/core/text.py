"""Persian text as people type it, folded so that the same words always compare equal.

Three forms, each for one purpose:

- :func:`clean` is what is stored and shown: one kind of yeh, kaf and digit-free spaces, half-spaces kept.
- :func:`fold` is what is searched and compared: no half-spaces, marks or letter variants at all.
- :func:`sort_key` is what is ordered by: the database has no Persian collation, so the alphabet is mapped to bytes.
"""

from __future__ import annotations

import re
import unicodedata

from salam.core.errors import InvalidInput

HALF_SPACE = "\u200c"

_PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
_ASCII_DIGITS = "0123456789"
_TO_ASCII_DIGITS = str.maketrans(_PERSIAN_DIGITS + _ARABIC_DIGITS, _ASCII_DIGITS * 2)
_TO_PERSIAN_DIGITS = str.maketrans(_ASCII_DIGITS, _PERSIAN_DIGITS)

# Letters that keyboards and old systems type for one Persian letter.
_LETTER_VARIANTS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ې": "ی",
        "ێ": "ی",
        "ك": "ک",
        "ڪ": "ک",
        "ہ": "ه",
        "ۀ": "ه",
        "ة": "ه",
        "ە": "ه",
        "ـ": None,  # tatweel only stretches a word
        "\u200d": None,
        "\ufeff": None,
        "\u00a0": " ",
    },
)
_SEARCH_VARIANTS = str.maketrans(
    {
        "آ": "ا",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ی",
        "ء": None,
        HALF_SPACE: " ",
    },
)
_SPACES = re.compile(r"\s+")
_NOT_A_WORD = re.compile(r"[^\w\s]|_")
_MARKUP = re.compile(r"[<>\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")

_ALPHABET = "ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_SORT_WEIGHT = {letter: chr(0x61 + index // 26) + chr(0x61 + index % 26) for index, letter in enumerate(_ALPHABET)}
_SORT_VARIANTS = str.maketrans({"أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی", HALF_SPACE: None})


def ascii_digits(text: str) -> str:
    """Persian and Arabic digits as the ASCII digits that codes, phones and dates are kept in."""
    return text.translate(_TO_ASCII_DIGITS)


def persian_digits(value: object) -> str:
    """Any value as text with Persian digits, for the eye only."""
    return str(value).translate(_TO_PERSIAN_DIGITS)


def clean(text: str) -> str:
    """Text as it is stored: composed, Persian letters, single spaces, half-spaces kept, ends trimmed."""
    composed = unicodedata.normalize("NFC", text).translate(_LETTER_VARIANTS)
    return _SPACES.sub(" ", composed).strip(" " + HALF_SPACE)


def clean_name(text: str, *, label: str, length_max: int = 80) -> str:
    """A name of a person, place or organisation, refused when it is empty, too long or holds mark-up.

    Raises InvalidInput with a sentence that starts with ``label``.
    """
    if _MARKUP.search(text):
        raise InvalidInput(f"{label} نویسه‌هایی دارد که پذیرفته نمی‌شود؛ فقط حروف و فاصله بنویسید.")
    cleaned = clean(text)
    if not cleaned:
        raise InvalidInput(f"{label} خالی است.")
    if len(cleaned) > length_max:
        raise InvalidInput(f"{label} بلندتر از {persian_digits(length_max)} نویسه است.")
    return cleaned


def fold(text: str) -> str:
    """Text as it is searched: no marks, no half-spaces, one form a letter, ASCII digits, lower case.

    >>> fold("كرمان") == fold("کرمان")
    True
    """
    plain = clean(ascii_digits(text)).translate(_SEARCH_VARIANTS)
    without_marks = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", plain)
        if not unicodedata.combining(letter)
    )
    return _SPACES.sub(" ", _NOT_A_WORD.sub(" ", without_marks)).strip().lower()


def fold_tight(text: str) -> str:
    """Folded text without spaces, for names that are written both ways (اسلام شهر، اسلامشهر)."""
    return fold(text).replace(" ", "")


def sort_key(text: str) -> str:
    """A key that orders names by the Persian alphabet in any byte-wise collation.

    Letters map to two ASCII letters each; digits sort before letters and numbers by their value, so
    "منطقه ۲" stands before "منطقه ۱۰".
    """
    prepared = clean(ascii_digits(text)).translate(_SORT_VARIANTS).lower()
    numbered = re.sub(r"\d+", lambda match: match.group().zfill(6), prepared)
    decomposed = unicodedata.normalize("NFC", numbered)
    return "".join(
        _SORT_WEIGHT.get(letter, letter if letter.isascii() else "")
        for letter in decomposed
        if not unicodedata.combining(letter)
    )
