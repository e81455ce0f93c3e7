"""Names of places as they come in."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.text import ascii_digits, clean_name, fold_tight

FOLDED_LENGTH_MAX: Final = 120  # one sign may unfold into several letters


def checked_name(*, text: str, label: str) -> str:
    """A name as it is stored, which also leaves something to search by. Raises InvalidInput."""
    name = clean_name(ascii_digits(text), label=label)
    if not 0 < len(fold_tight(name)) <= FOLDED_LENGTH_MAX:
        raise InvalidInput(_("{label} حرف یا رقمی ندارد که خوانده شود.").format(label=label))
    return name
