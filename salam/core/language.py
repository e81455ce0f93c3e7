"""What differs between the two languages of the site besides the sentences.

The sentences themselves stand in the code in Persian and in salam/locale in English.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language, override

PERSIAN = "fa"


def is_persian() -> bool:
    """Whether what is being written now is read in Persian: always, unless a visitor chose else."""
    return (get_language() or PERSIAN).startswith(PERSIAN)


def in_persian(words: object) -> str:
    """A translatable text in Persian whatever the reader's language: files are written in it."""
    with override(PERSIAN):
        return str(words)


def listed(words: Iterable[object]) -> str:
    """Words one after another: «الف، ب»."""
    return ("، " if is_persian() else ", ").join(map(str, words))


def any_of(words: Iterable[object]) -> str:
    """Words of which one is meant: «الف یا ب»."""
    return (" یا " if is_persian() else " or ").join(map(str, words))


def all_of(words: Iterable[object]) -> str:
    """Words that are all meant: «الف و ب»."""
    return (" و " if is_persian() else " and ").join(map(str, words))
