"""Fields that registration and one's own page ask alike, and how answers become words of bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.language import is_persian
from salam.core.quantities import bits_of, grouped, kilometres, numbers_of
from salam.people.enums import PlaceOfService
from salam.people.queries import SkillEntry, list_active_skills, list_areas
from salam.web.forms import GroupedChoiceField, HalfDaysField, PlaceField
from salam.web.place_choice import find_homes, place_name
from salam.web.widgets import Option, OptionGroup

Text = str | Promise

# As far as people walk, ride and drive; any number between them would be guessed anyway.
_RADII_KM: Final = (1, 3, 5, 10, 25, 50)
WEEKLY: Final = (1, 2, 3, 4, 6)
RADIUS_KM_USUAL: Final = 5


def home_field() -> PlaceField:
    return PlaceField(
        label=gettext_lazy("محلهٔ خانه‌تان"),
        help_text=gettext_lazy("نام محله، شهر یا روستا را بنویسید و «بگرد» را بزنید."),
        search=find_homes,
        name_of=place_name,
        search_url=reverse_lazy("public:place_options"),
        error_messages={"required": gettext_lazy("محله، شهر یا روستای خانه‌تان را پیدا کنید.")},
    )


def skills_field() -> GroupedChoiceField:
    """Skills by area of cooperation, languages last: they are optional."""
    skills = list_active_skills()
    groups = [
        OptionGroup(
            label=area.name_fa if is_persian() else area.name_en,
            options=[
                _option(skill)
                for skill in skills
                if skill.area_number == area.number and not skill.is_language
            ],
        )
        for area in list_areas()
    ]
    languages = [_option(skill) for skill in skills if skill.is_language]
    return GroupedChoiceField(
        label=_("مهارت‌ها، دسته به دسته"),
        error_messages={
            "required": _("دست‌کم یک مهارت انتخاب کنید، تا بدانیم چه پیشنهاد کنیم."),
        },
        groups=[
            *(group for group in groups if group.options),
            *(
                [OptionGroup(label=_("زبان‌ها، اگر خواستید"), options=languages)]
                if languages
                else []
            ),
        ],
    )


def areas_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("در کدام زمینه‌ها دوست دارید همکاری کنید؟"),
        choices=[
            (str(area.number), area.name_fa if is_persian() else area.name_en)
            for area in list_areas()
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


def place_of_service_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("کجا خدمت می‌کنید؟"),
        choices=PlaceOfService.choices,
        widget=forms.RadioSelect,
        initial=PlaceOfService.EITHER,
    )


def half_days_field() -> HalfDaysField:
    return HalfDaysField(
        label=_("نیم‌روزهای آزاد"),
        help_text=_("نیم‌روزهایی را که معمولاً آزادید علامت بزنید."),
        error_messages={
            "required": _("دست‌کم یک نیم‌روز را علامت بزنید؛ بعداً می‌توانید عوضش کنید."),
        },
    )


def weekly_field(*, kept: int | None = None) -> forms.TypedChoiceField:
    """How many half-days a week; a number that was kept otherwise stays among the choices."""
    counts = sorted({*WEEKLY, *([kept] if kept is not None else [])})
    choices = [(str(count), weekly_name(count)) for count in counts]
    return forms.TypedChoiceField(
        label=_("هفته‌ای چند نیم‌روز؟"),
        choices=choices,
        coerce=int,
        widget=forms.RadioSelect,
        initial="1",
    )


def radius_field(*, kept_km: int | None = None) -> forms.TypedChoiceField:
    """How far from home; a distance that was kept otherwise stays among the choices."""
    distances = sorted({*_RADII_KM, *([kept_km] if kept_km is not None else [])})
    return forms.TypedChoiceField(
        label=_("تا چه اندازه دور از خانه؟"),
        choices=[(str(km), kilometres(km * 1000)) for km in distances],
        coerce=int,
        widget=forms.RadioSelect,
        initial=str(RADIUS_KM_USUAL),
    )


def skill_bits_of(codes: Iterable[str]) -> int:
    """The word of bits of skill codes; one that was retired meanwhile is left out."""
    chosen = set(codes)
    return bits_of(skill.bit for skill in list_active_skills() if skill.code in chosen)


def skill_codes_of(bits: int) -> list[str]:
    numbers = set(numbers_of(bits))
    return [skill.code for skill in list_active_skills() if skill.bit in numbers]


def skill_names_of(codes: Iterable[str]) -> list[str]:
    chosen = set(codes)
    return [_skill_name(skill) for skill in list_active_skills() if skill.code in chosen]


def area_names_of(numbers: Iterable[Any]) -> list[str]:
    chosen = {int(number) for number in numbers}
    return [
        area.name_fa if is_persian() else area.name_en
        for area in list_areas()
        if area.number in chosen
    ]


def areas_of_skills(codes: Iterable[str]) -> list[str]:
    """The areas that chosen skills belong to, as a first answer to which areas somebody wants."""
    chosen = set(codes)
    found = {
        skill.area_number
        for skill in list_active_skills()
        if skill.code in chosen and not skill.is_language
    }
    return [str(number) for number in sorted(found)]


def weekly_name(count: int) -> str:
    """How many half-days a week, as a choice says it."""
    return _("{count} نیم‌روز").format(count=grouped(count))


def _option(skill: SkillEntry) -> Option:
    return Option(value=skill.code, label=_skill_name(skill))


def _skill_name(skill: SkillEntry) -> str:
    return skill.name_fa if is_persian() else skill.name_en
