"""Asking about any volunteer and any need: the list to choose a need from, and the one question."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy

from salam.core.errors import InvalidInput
from salam.needs.enums import Urgency
from salam.people.codes import normalise_code
from salam.web.filtering import ChoiceFilter, PlaceFilter, UnfoldedTextFilter
from salam.web.forms import KitForm
from salam.web.listing import Column, Listing
from salam.web.widgets import CodeInput

# Fifteen digits, two spaces between their groups.
_SHOWN_LENGTH: Final = 17

NEEDS: Final = Listing(
    name="needs",
    caption=gettext_lazy("نیازهای باز"),
    columns=(
        Column(
            key="title",
            label=gettext_lazy("نیاز"),
            value="title",
            url=lambda need: reverse("hq:explain_need", args=[need.public_id]),
        ),
        Column(
            key="place",
            label=gettext_lazy("جا"),
            value="place.name",
            order_by=("place__sort_key",),
            template="hq/_own_words.html",
        ),
        Column(
            key="urgency",
            label=gettext_lazy("فوریت"),
            value=lambda need: need.get_urgency_display(),
            order_by=("urgency",),
        ),
        Column(
            key="people",
            label=gettext_lazy("نفر لازم"),
            value="people_wanted",
            order_by=("people_wanted",),
            is_numeric=True,
        ),
    ),
    filters=(
        UnfoldedTextFilter(
            key="words", label=gettext_lazy("در متن نیاز"), lookups=("title", "what")
        ),
        PlaceFilter(key="where", label=gettext_lazy("جا"), lookup="place__path"),
        ChoiceFilter(
            key="urgency",
            label=gettext_lazy("فوریت"),
            lookup="urgency",
            choices=tuple(reversed(Urgency.choices)),
        ),
    ),
    holds_people=False,
    empty_title=gettext_lazy("این‌جا نیاز بازی نیست."),
    empty_text=gettext_lazy("پرسش دربارهٔ نیازهای باز است؛ نخستین نیاز که ثبت شود همین‌جا می‌آید."),
)


class VolunteerCodeField(forms.CharField):
    """The code that a volunteer reads out from the own page; gives fifteen digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=CodeInput(length=_SHOWN_LENGTH), max_length=40, **options)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return normalise_code(typed)
        except InvalidInput as refused:
            raise ValidationError(refused.sentence) from None


class VolunteerForm(KitForm):
    """About whom; asked with GET, so that an answer has an address."""

    volunteer = VolunteerCodeField(
        label=gettext_lazy("کد داوطلبی"),
        help_text=gettext_lazy(
            "پانزده رقم؛ داوطلب آن را در صفحهٔ «آنچه از من نگه داشته می‌شود» می‌بیند."
            " نام و شماره‌اش را نپرسید."
        ),
    )
