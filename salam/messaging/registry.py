"""What may be said: templates, registered at start-up by the room that speaks.

A text is read over shoulders and on shared phones: it says that something is waiting and where to
look, never what it is about (mission, rule 7). It holds no name and no number of anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from salam.core.events import check_payload_value
from salam.core.text import persian_digits

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MessageValue = int | str

TEXT_LENGTH_MAX: Final = 134  # two parts of an SMS that is not in Latin letters
NUMBER_MAX: Final = 9_999_999  # no number in a text may be long enough to ring

_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
_PURPOSE: Final = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True)
class MessageTemplate:
    """A text, and what may be filled in.

    ``code`` is "room.what_happened", ``text`` a lazy translation with ``%(name)s`` for each of
    ``values``, ``purpose`` a code under which deliveries are counted by day. ``is_urgent`` is for
    what cannot wait until morning: quiet hours do not hold it back.
    """

    code: str
    text: _StrOrPromise
    purpose: str
    values: Sequence[str] = ()
    is_urgent: bool = False


# Not registered: nobody can queue it, since a code must not lie in a table.
CODE_TEMPLATE: Final = MessageTemplate(
    code="messaging.one_time_code",
    text=_("کد شما: %(code)s\nآن را به هیچ‌کس نگویید."),
    purpose="one_time_code",
    values=("code",),
)


class TemplateUnknown(LookupError):
    """A mistake in the program: nobody registered this code."""


_registered: dict[str, MessageTemplate] = {}


def register_template(template: MessageTemplate) -> None:
    """Called from the AppConfig.ready of the room that speaks.

    Raises ValueError for codes of another form, and for one code with two texts.
    """
    if not _CODE.fullmatch(template.code) or not _PURPOSE.fullmatch(template.purpose):
        raise ValueError(f"{template.code!r}, {template.purpose!r}: not codes of a template")
    if _registered.setdefault(template.code, template) != template:
        raise ValueError(f"{template.code} is registered twice")


def template_of(*, code: str) -> MessageTemplate:
    """The template of a code. Raises TemplateUnknown."""
    try:
        return _registered[code]
    except KeyError:
        raise TemplateUnknown(code) from None


def all_templates() -> Sequence[MessageTemplate]:
    """Every registered template, by code."""
    return tuple(template for _code, template in sorted(_registered.items()))


def check_values(*, template: MessageTemplate, values: Mapping[str, MessageValue]) -> None:
    """Raise ValueError unless the values are those that the template declares, numbers or codes.

    A mistake in the program, so the complaint names keys alone.
    """
    if {*values} != {*template.values}:
        raise ValueError(f"{template.code} takes {sorted(template.values)}")
    for key, value in values.items():
        check_payload_value(key=key, value=value)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not (is_number or isinstance(value, str)):
            raise ValueError(f"{key}: a message holds numbers and codes")
        if isinstance(value, int) and not 0 <= value <= NUMBER_MAX:
            raise ValueError(f"{key}: this number is too long for a message")


def render(*, template: MessageTemplate, values: Mapping[str, MessageValue]) -> str:
    """The text as it is sent: in Persian, numbers with Persian digits, codes as they are typed."""
    shown = {
        key: persian_digits(value) if isinstance(value, int) else value
        for key, value in values.items()
    }
    with translation.override("fa"):
        return str(template.text) % shown if shown else str(template.text)
