"""What a facilitator fills in for a need: the story once, and a line for each half-day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from salam.core.actors import Actor
from salam.core.dates import HALF_DAY_COUNT, half_day_name
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.language import is_persian, listed
from salam.core.quantities import bits_of
from salam.core.wording import checked_text
from salam.needs.actions.opening import (
    GENDER_BASIS_LENGTH_MAX,
    HEADCOUNT_MAX,
    PEOPLE_SERVED_MAX,
    STORY_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    NewLine,
)
from salam.needs.actions.timing import check_timing
from salam.needs.enums import MinimumAge, RequiredGender, Timing, Urgency
from salam.needs.queries import find_need_places, get_need_place_for
from salam.organizations.queries import NearIntermediary
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills, list_areas
from salam.places.queries import display_names
from salam.web.forms import (
    GroupedChoiceField,
    HalfDaysField,
    JalaliDateField,
    KeyField,
    KitForm,
    LongTextField,
    PlaceField,
)
from salam.web.widgets import CountInput, Option, OptionGroup

Text = str | Promise

_CHOOSE: Final = ("", _("یکی را انتخاب کنید"))


class PlaceForm(KitForm):
    """Where the need is; only places within one's reach are found."""

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"] = PlaceField(
            label=_("این نیاز کجاست؟"),
            search=lambda words: found_places(actor=actor, words=words),
            name_of=lambda code: _own_place_name(actor, code),
            search_url=reverse_lazy("facilitator:place_options"),
            help_text=_("نام محله، روستا یا شهر را بنویسید. فقط جاهای خودتان پیدا می‌شود."),
            error_messages={"required": _("بگویید این نیاز کجاست.")},
        )


class WordingField(forms.CharField):
    """A short text in which nobody can be known or reached."""

    def __init__(self, *, length_max: int, **options: Any) -> None:
        super().__init__(**options)
        self.length_max = length_max

    def clean(self, value: Any) -> str:
        return _checked(super().clean(value), label=self.label, length_max=self.length_max)


class StoryField(LongTextField):
    """A longer text in which nobody can be known or reached."""

    def clean(self, value: Any) -> str:
        return _checked(super().clean(value), label=self.label, length_max=self.length_max)


class CountField(forms.IntegerField):
    """A whole number, in whatever digits it is typed."""

    def __init__(self, *, least: int, most: int, wrong: Text, **options: Any) -> None:
        super().__init__(
            min_value=least,
            max_value=most,
            widget=CountInput(length=len(str(most))),
            error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},  # type: ignore[dict-item]
            **options,
        )


class NeedForm(KitForm):
    """The need as it was told."""

    key = KeyField()
    title = WordingField(
        label=_("عنوان"),
        length_max=TITLE_LENGTH_MAX,
        help_text=_("در یک جمله: چه کاری، برای چه کسانی."),
    )
    what = StoryField(
        label=_("شرح نیاز"),
        length_max=STORY_LENGTH_MAX,
        rows=4,
        help_text=_("چه باید بشود؟ نام، شماره یا نشانی کسی را ننویسید."),
    )
    why = StoryField(
        label=_("دلیل نیاز"),
        length_max=STORY_LENGTH_MAX,
        rows=3,
        required=False,
        help_text=_("داوطلب با خواندن آن می‌فهمد چرا آمدنش مهم است."),
    )
    urgency = forms.TypedChoiceField(
        label=_("فوریت"),
        choices=Urgency.choices,
        coerce=int,
        initial=Urgency.WELCOME.value,
        widget=forms.RadioSelect,
    )
    people_served = CountField(
        label=_("چند نفر بهره می‌برند؟"),
        least=1,
        most=PEOPLE_SERVED_MAX,
        wrong=_("یک عدد بنویسید، دست‌کم ۱."),
    )
    intermediary = forms.TypedChoiceField(
        label=_("کدام مؤسسه هماهنگ کند؟"),
        coerce=int,
        help_text=_("مؤسسهٔ واسط با داوطلب‌ها تماس می‌گیرد و ساعت‌ها را تأیید می‌کند."),
    )

    def __init__(self, *args: Any, brokers: Sequence[NearIntermediary], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(one.id), listed((one.name, one.place_name))) for one in brokers]
        # Where there is one institution, there is nothing to choose.
        offered = choices if len(choices) == 1 else [_CHOOSE, *choices]
        self.fields["intermediary"].choices = offered  # type: ignore[attr-defined]


class LineForm(KitForm):
    """One line: when, which skills, how many people, under which conditions.

    What the chosen timing does not ask is not shown where the browser can hide it, and not read.
    """

    timing = forms.ChoiceField(
        label=_("کِی لازم است؟"),
        choices=Timing.choices,
        initial=Timing.FIXED.value,
        widget=forms.RadioSelect,
    )
    half_day = forms.TypedChoiceField(label=_("کدام نیم‌روز؟"), coerce=int)
    starts_on = JalaliDateField(label=_("از چه روزی؟"))
    ends_on = JalaliDateField(label=_("تا چه روزی؟"))
    half_days = HalfDaysField(label=_("کدام نیم‌روزها می‌شود؟"))
    half_days_weekly = CountField(
        label=_("هر هفته چند نیم‌روز؟"),
        least=1,
        most=HALF_DAY_COUNT,
        initial=1,
        wrong=_("از ۱ تا ۱۴ نیم‌روز."),
        help_text=_("شاید هر کس در نیم‌روز دیگری بیاید؛ اگر باید با هم باشند، نیم‌روز ثابت بنویسید."),
    )
    headcount = CountField(
        label=_("هر بار چند نفر لازم است؟"),
        least=1,
        most=HEADCOUNT_MAX,
        initial=1,
        wrong=_("از ۱ تا ۵۰ نفر."),
    )
    vetting_tier_min = forms.TypedChoiceField(
        label=_("تأیید صلاحیت"),
        choices=VettingTier.choices,
        coerce=int,
        initial=VettingTier.NONE.value,
        help_text=_("برای کار با کودکان و کسانی که از آن‌ها نگهداری می‌شود لازم است."),
    )
    age_min = forms.TypedChoiceField(
        label=_("کمینهٔ سن"),
        choices=MinimumAge.choices,
        coerce=int,
        initial=MinimumAge.ADULT.value,
    )
    gender_required = forms.ChoiceField(
        label=_("زن یا مرد بودن داوطلب"),
        choices=RequiredGender.choices,
        initial=RequiredGender.ANY.value,
    )
    gender_basis = forms.CharField(
        label=_("مبنای قانونی"),
        required=False,
        help_text=_("تنها اگر قانونی این کار را ویژهٔ زنان یا مردان کرده است: کدام قانون؟"),
    )
    times: Final = {
        Timing.FIXED: {"half_day"},
        Timing.WINDOW: {"starts_on", "ends_on", "half_days", "half_days_weekly"},
        Timing.OPEN: {"half_days", "half_days_weekly"},
    }
    conditions: Final = ("vetting_tier_min", "age_min", "gender_required", "gender_basis")

    def __init__(
        self,
        data: QueryDict | None,
        *,
        number: int,
        groups: Sequence[OptionGroup],
        today: date,
    ) -> None:
        super().__init__(data, prefix=f"line{number}")
        self.number = number
        self.today = today
        half_days = [_CHOOSE, *((n, half_day_name(n)) for n in range(HALF_DAY_COUNT))]
        self.fields["half_day"].choices = half_days  # type: ignore[attr-defined]
        self.fields["skills"] = GroupedChoiceField(
            label=_("چه مهارتی؟"),
            groups=groups,
            error_messages={"required": _("دست‌کم یک مهارت انتخاب کنید.")},
            help_text=_("هر کس یکی از این‌ها را داشته باشد بس است."),
        )

    def clean(self) -> dict[str, Any]:
        """The times alone that the timing asks, whole and possible."""
        told: dict[str, Any] = super().clean() or {}
        if "timing" not in told:
            return told
        asked = self.times[Timing(told["timing"])]
        for name in set().union(*self.times.values()) - asked:
            # What was typed before another timing was chosen is wrong no more.
            self.errors.pop(name, None)
            told[name] = [] if name == "half_days" else None
        if not asked & self.errors.keys():
            try:
                check_timing(line=NewLine(skill_bits=0, **times_of(told)), today=self.today)
            except InvalidInput as refused:
                is_often = (told["half_days_weekly"] or 0) > len(told["half_days"])
                self.add_error("half_days_weekly" if is_often else "ends_on", refused.sentence)
        return told

    def clean_gender_basis(self) -> str:
        """Asked for whenever a post is restricted; otherwise let go."""
        typed: str = self.cleaned_data["gender_basis"]
        if self.cleaned_data.get("gender_required") == RequiredGender.ANY:
            return ""
        if not typed:
            raise ValidationError(_("بنویسید کدام قانون این نوبت را ویژهٔ زنان یا مردان کرده است."))
        label = self.fields["gender_basis"].label
        return _checked(typed, label=label, length_max=GENDER_BASIS_LENGTH_MAX)

    @property
    def is_conditional(self) -> bool:
        """Whether a condition differs from the usual, or is wrong: then they stand open."""
        return any(
            self[name].errors or _text(self[name].value()) != _text(self[name].initial)
            for name in self.conditions
        )

    @property
    def window_fields(self) -> list[forms.BoundField]:
        return [self["starts_on"], self["ends_on"]]

    @property
    def flexible_fields(self) -> list[forms.BoundField]:
        return [self["half_days"], self["half_days_weekly"]]

    @property
    def people_fields(self) -> list[forms.BoundField]:
        return [self["skills"], self["headcount"]]

    @property
    def condition_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.conditions]


def times_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """The times of a cleaned line, as `needs.actions.NewLine` takes them."""
    return {
        "timing": Timing(told["timing"]),
        "half_day": told["half_day"],
        "half_day_bits": bits_of(told["half_days"]),
        "half_days_weekly": told["half_days_weekly"] or 1,
        "starts_on": told["starts_on"],
        "ends_on": told["ends_on"],
    }


def skill_groups() -> list[OptionGroup]:
    """Skills below their areas, in the language of the page. Two queries."""
    skills = list_active_skills()
    groups = [
        OptionGroup(
            label=area.name_fa if is_persian() else area.name_en,
            options=[
                Option(value=skill.code, label=skill.name_fa if is_persian() else skill.name_en)
                for skill in skills
                if skill.area_number == area.number and not skill.is_language
            ],
        )
        for area in list_areas()
    ]
    return [group for group in groups if group.options]


def found_places(*, actor: Actor, words: str) -> list[Option]:
    """Own places by name, the likeliest first."""
    found = find_need_places(actor=actor, text=words)
    return [Option(value=place.code, label=place.display_name) for place in found]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _own_place_name(actor: Actor, code: str) -> str | None:
    try:
        place = get_need_place_for(actor=actor, code=code)
    except PermissionRefused:
        return None
    return display_names(places=[place])[place.pk]


def _checked(typed: str, *, label: Any, length_max: int) -> str:
    if not typed:
        return ""
    try:
        return checked_text(typed, label=str(label), length_max=length_max)
    except InvalidInput as refused:
        raise ValidationError(refused.sentence) from None
