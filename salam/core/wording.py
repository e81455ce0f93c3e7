"""What may not stand in a text that others read: a way to reach or know one person.

Needs and cases are about places and services (mission, rule 2). Names cannot be told from other
words, but phone numbers, national IDs and addresses of messengers can.
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

from salam.core.errors import InvalidInput
from salam.core.identifiers import holds_national_id, holds_phone
from salam.core.text import clean_name

_HANDLE: Final = re.compile(r"@\s*\w|\w\s*@")


class HoldsPhone(InvalidInput):
    code = "holds_phone"

    def __init__(self, label: str) -> None:
        super().__init__(
            _(
                "{label} شمارهٔ تلفن یا نشانی پیام‌رسان دارد؛ آن را بردارید. "
                "تماس از راه خود سامانه برقرار می‌شود."
            ).format(label=label),
        )


class HoldsNationalId(InvalidInput):
    code = "holds_national_id"

    def __init__(self, label: str) -> None:
        super().__init__(
            _("{label} کد ملی دارد؛ آن را بردارید. این‌جا از محله می‌نویسیم، نه از یک نفر.").format(
                label=label
            )
        )


def checked_text(text: str, *, label: str, length_max: int, is_optional: bool = False) -> str:
    """Text as it is stored; refused when empty, unless it is optional, when too long, or with
    mark-up or somebody's data.

    Raises InvalidInput, HoldsPhone, HoldsNationalId, each with a sentence that starts with
    ``label``.
    """
    if is_optional and not text.strip():
        return ""
    cleaned = clean_name(text, label=label, length_max=length_max)
    if _HANDLE.search(cleaned):
        raise HoldsPhone(label)
    if holds_national_id(cleaned):
        raise HoldsNationalId(label)
    if holds_phone(cleaned):
        raise HoldsPhone(label)
    return cleaned
