"""One form with every kind of field."""

from __future__ import annotations

from typing import Final

from django import forms
from django.urls import reverse_lazy

from salam.core.text import fold_tight
from salam.web.forms import (
    ConsentField,
    GroupedChoiceField,
    HalfDaysField,
    JalaliDateField,
    KeyField,
    KitForm,
    LongTextField,
    NameField,
    NationalIdField,
    OneTimeCodeField,
    PhoneField,
    PlaceField,
)
from salam.web.widgets import Option, OptionGroup

_PLACES: Final = {
    "x1": "محلهٔ ساختگی سروستان، شهر نمونه",
    "x2": "محلهٔ ساختگی سرچشمه، شهر نمونه",
    "x3": "روستای ساختگی چشمه‌سفید علیا از توابع دهستانی با نامی بسیار بلند، شهرستان نمونه",
}
_SKILLS: Final = (
    OptionGroup(
        label="آموزش و سوادآموزی",
        options=(
            Option(value="maths", label="تدریس ریاضی و علوم"),
            Option(value="literacy", label="سوادآموزی به بزرگسالان", hint="دوره می‌خواهد"),
        ),
    ),
    OptionGroup(
        label="همراهی با سالمندان",
        options=(
            Option(value="talk", label="هم‌صحبتی و همراهی با سالمندان"),
            Option(value="outing", label="همراهی در رفت‌وآمد و کارهای بیرون از خانه"),
        ),
    ),
)


def find_example_places(words: str) -> list[Option]:
    needle = fold_tight(words)
    return [
        Option(value=code, label=name)
        for code, name in _PLACES.items()
        if needle and needle in fold_tight(name)
    ]


class ExampleForm(KitForm):
    """Send it empty to see every error."""

    key = KeyField()
    given_name = NameField(label="نام", help_text="همان که دوستانتان صدایتان می‌زنند.")
    phone = PhoneField(help_text="کد ورود به این شماره پیامک می‌شود.")
    code = OneTimeCodeField()
    national_id = NationalIdField(required=False)
    born_on = JalaliDateField(label="تاریخ تولد", autocomplete="bday")
    kind = forms.ChoiceField(
        label="جای خدمت",
        choices=[("centres", "مراکز سازمان"), ("own", "محل کار خودم"), ("either", "هر دو")],
        widget=forms.RadioSelect,
    )
    urgency = forms.ChoiceField(
        label="فوریت", choices=[("", "یکی را انتخاب کنید"), ("1", "عادی"), ("2", "فوری")]
    )
    home = PlaceField(
        label="محلهٔ شما",
        search=find_example_places,
        name_of=_PLACES.get,
        search_url=reverse_lazy("kit:place_options"),
        help_text="بخشی از نام را بنویسید و بگردید؛ اینجا «سر» چیزی پیدا می‌کند.",
    )
    half_days = HalfDaysField(label="چه وقت‌هایی آزادید؟")
    skills = GroupedChoiceField(label="چه کاری از دستتان برمی‌آید؟", groups=_SKILLS)
    story = LongTextField(
        label="نیاز محله را بگویید", length_max=200, help_text="نام کسی را ننویسید."
    )
    matching = ConsentField(
        label="می‌خواهم پیشنهاد بگیرم",
        refusal="بدون این، پیشنهادی نمی‌توانیم بدهیم. اگر نمی‌خواهید، ثبت نام را رها کنید.",
    )
