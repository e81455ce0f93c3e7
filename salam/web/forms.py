"""Forms of the kit: what is typed is folded once, what is wrong is said in words, nothing is lost.

KitForm is the base of every form. Its fields raise the sentences of `core` (InvalidInput) beside
the field they belong to, and each says what to do.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.dates import HALF_DAY_COUNT, MONTHS, jalali, parse_date
from salam.core.errors import InvalidInput
from salam.core.identifiers import normalise_mobile, normalise_national_id, normalise_other_id
from salam.core.text import ascii_digits, clean, clean_name, is_question, shown_digits
from salam.web.widgets import (
    CodeInput,
    ConsentInput,
    CountedTextarea,
    GroupedPicker,
    HalfDaysGrid,
    JalaliDateInput,
    Option,
    OptionGroup,
    PlacePicker,
)

Text = str | Promise
Read = TypeVar("Read")

_STANDARD_REQUIRED = forms.Field.default_error_messages["required"]
_PICKING = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, PlacePicker)


class KitForm(forms.Form):
    """The base of every form: errors in sentences, and no field of the browser's own words.

    A place picker's search button sends the form too: then nothing is complained of, and the form
    is not valid yet (``is_searching``).
    """

    use_required_attribute = False
    # While somebody is still writing (adding a line, say), nothing is complained of either.
    is_draft = False

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        for one in self.fields.values():
            if one.error_messages["required"] == _STANDARD_REQUIRED:
                one.error_messages["required"] = _required_sentence(one)
            if one.required and not isinstance(one.widget, forms.CheckboxSelectMultiple):
                one.widget.attrs.setdefault("aria-required", "true")

    @property
    def is_searching(self) -> bool:
        """Whether the form was sent to look for a place, not to be done with."""
        return any(
            isinstance(one.widget, PlacePicker)
            and one.widget.is_searching(self.data, self.add_prefix(name))
            for name, one in self.fields.items()
        )

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_searching

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and (self.is_searching or self.is_draft):
            self._errors = forms.utils.ErrorDict()


class KeyField(forms.UUIDField):
    """A key made with the form and sent with it, so that a second press changes nothing.

    An action takes it as its idempotency key.
    """

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, initial=uuid.uuid4)
        self.error_messages["required"] = gettext_lazy("این صفحه را از نو باز کنید.")
        self.error_messages["invalid"] = gettext_lazy("این صفحه را از نو باز کنید.")


class NameField(forms.CharField):
    """A name of a person or a thing, as core.text.clean_name keeps it."""

    def __init__(self, *, label: Any, length_max: int = 80, **options: Any) -> None:
        super().__init__(label=label, strip=True, **options)
        self.length_max = length_max

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if not typed:
            return ""
        label = str(self.label)
        return _told(lambda: clean_name(typed, label=label, length_max=self.length_max))


class LongTextField(forms.CharField):
    """A longer text with a counter."""

    def __init__(self, *, length_max: int, rows: int = 5, **options: Any) -> None:
        super().__init__(widget=CountedTextarea(length_max=length_max, rows=rows), **options)
        self.length_max = length_max

    def clean(self, value: Any) -> str:
        lines = super().clean(value).replace("\r\n", "\n").split("\n")
        text = "\n".join(clean(line) for line in lines).strip()
        if len(text) > self.length_max:
            over = shown_digits(len(text) - self.length_max)
            raise ValidationError(
                _("این متن %(over)s نویسه بلندتر از اندازه است؛ کوتاه‌ترش کنید.") % {"over": over},
            )
        return text


class PhoneField(forms.CharField):
    """A mobile number of Iran, as E.164."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("شمارهٔ تلفن همراه"))
        attrs = {"inputmode": "tel", "type": "tel", "autocomplete": "tel"}
        super().__init__(widget=CodeInput(length=14, attrs=attrs), max_length=40, **options)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return _told(lambda: normalise_mobile(typed)) if typed else ""


class NationalIdField(forms.CharField):
    """A national ID: ten digits with a check digit."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("کد ملی"))
        super().__init__(widget=CodeInput(length=10), max_length=40, **options)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return _told(lambda: normalise_national_id(typed)) if typed else ""


class OtherIdField(forms.CharField):
    """An identifier of another kind: a passport's number, a foreign national's code."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("شناسهٔ دیگر"))
        attrs = {"inputmode": "text", "autocapitalize": "characters"}
        super().__init__(widget=CodeInput(length=20, attrs=attrs), max_length=40, **options)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return _told(lambda: normalise_other_id(typed)) if typed else ""


class OneTimeCodeField(forms.CharField):
    """A code from a message; phones offer it by themselves."""

    def __init__(self, *, length: int = 6, **options: Any) -> None:
        options.setdefault("label", gettext_lazy("کدی که پیامک شد"))
        attrs = {"autocomplete": "one-time-code"}
        super().__init__(widget=CodeInput(length=length, attrs=attrs), max_length=40, **options)
        self.length = length

    def clean(self, value: Any) -> str:
        digits = "".join(ascii_digits(super().clean(value)).split())
        if digits and (len(digits) != self.length or not digits.isdecimal()):
            raise ValidationError(
                _("کد %(length)s رقم است؛ آن را از پیامک ببینید.")
                % {"length": shown_digits(self.length)},
            )
        return digits


class JalaliDateField(forms.Field):
    """A date as day, month and year of the Jalali calendar; a whole date typed into the year's or
    the day's box (۱۳۸۰/۰۱/۱۵) is understood too.
    """

    widget = JalaliDateInput

    def __init__(
        self,
        *,
        autocomplete: str = "",
        first: date | None = None,
        last: date | None = None,
        **options: Any,
    ) -> None:
        super().__init__(widget=JalaliDateInput(autocomplete=autocomplete), **options)
        self.first = first
        self.last = last

    def prepare_value(self, value: Any) -> Any:
        """A date that is shown again as its three parts."""
        if not isinstance(value, date):
            return value
        year, month, day = ascii_digits(jalali(value)).split("/")
        return [str(int(day)), str(int(month)), year]

    def clean(self, value: Any) -> date | None:
        parts = [ascii_digits(str(part or "")).strip() for part in value or ()]
        if not any(parts):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return self._within(_told(lambda: parse_date(self._written(parts))))

    def _written(self, parts: Sequence[str]) -> str:
        whole = next((part for part in parts if not part.isdecimal() and len(part) >= 8), None)
        if whole is not None:
            return whole
        day, month, year = parts
        if not day or not month or not year:
            raise InvalidInput(_("روز، ماه و سال هر سه لازم است."))
        if not day.isdecimal() or month not in {str(n) for n in range(1, len(MONTHS) + 1)}:
            raise InvalidInput(_("روز را با عدد بنویسید و ماه را از فهرست بردارید."))
        # Everybody writes ۷۵ for ۱۳۷۵.
        return f"{'13' + year if len(year) == 2 and year >= '06' else year}/{month}/{day}"

    def _within(self, day: date) -> date:
        if self.first is not None and day < self.first:
            raise ValidationError(
                _("تاریخ باید %(day)s یا پس از آن باشد.") % {"day": jalali(self.first)},
            )
        if self.last is not None and day > self.last:
            raise ValidationError(
                _("تاریخ باید %(day)s یا پیش از آن باشد.") % {"day": jalali(self.last)},
            )
        return day


class HalfDaysField(forms.TypedMultipleChoiceField):
    """Half-days of a week as numbers from 0 (Saturday morning) to 13 (Friday afternoon)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=[(str(number), str(number)) for number in range(HALF_DAY_COUNT)],
            coerce=int,
            empty_value=[],
            widget=HalfDaysGrid,
            **options,
        )


class GroupedChoiceField(forms.MultipleChoiceField):
    """Some of many options in groups: skills by area of cooperation."""

    def __init__(self, *, groups: Sequence[OptionGroup], **options: Any) -> None:
        super().__init__(
            choices=[(one.value, one.label) for group in groups for one in group.options],
            widget=GroupedPicker(groups=groups),
            **options,
        )


class PlaceField(forms.Field):
    """A place found by its name; gives its code. See widgets.PlacePicker for the arguments."""

    def __init__(
        self,
        *,
        search: Callable[[str], Sequence[Option]],
        name_of: Callable[[str], Text | None],
        search_url: str | Promise = "",
        **options: Any,
    ) -> None:
        picker = PlacePicker(search=search, name_of=name_of, search_url=search_url)
        super().__init__(widget=picker, **options)
        self.name_of = name_of

    def clean(self, value: Any) -> str:
        code, words = value if isinstance(value, tuple) else (str(value or ""), "")
        code = str(code)
        if code and self.name_of(code) is not None:
            return code
        if code or words:
            raise ValidationError(_("یکی از جاهایی را که پیدا شد انتخاب کنید."))
        if self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return ""


class ConsentField(forms.BooleanField):
    """Agreement to one purpose. Drawn by components/consent.html, which says what it means.

    A consent that must be given for the thing to work says so in ``refusal``.
    """

    def __init__(self, *, refusal: Text = "", **options: Any) -> None:
        super().__init__(widget=ConsentInput, required=bool(refusal), **options)
        if refusal:
            self.error_messages["required"] = refusal  # type: ignore[assignment]


def new_key() -> str:
    """A new idempotency key for a confirm page."""
    return str(uuid.uuid4())


def _told(read: Callable[[], Read]) -> Read:
    """A sentence of `core` becomes the error of a field."""
    try:
        return read()
    except InvalidInput as refused:
        raise ValidationError(refused.sentence) from None


def _required_sentence(one: forms.Field) -> str:
    label = str(one.label or "").strip()
    if isinstance(one, forms.BooleanField):
        return _("برای ادامه این را بپذیرید.")
    if is_question(label):
        return _("به «%(label)s» پاسخ دهید.") % {"label": label}
    if isinstance(one.widget, _PICKING):
        return _("«%(label)s» را انتخاب کنید.") % {"label": label}
    return _("«%(label)s» را بنویسید.") % {"label": label}
