"""The questions of registration, one a screen, and the intake that their answers make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.dates import age_years
from salam.core.quantities import bits_of
from salam.people.actions import VolunteerIntake
from salam.people.enums import ConsentPurpose, Gender, PlaceOfService
from salam.people.queries import VOLUNTEER_AGE_MIN
from salam.places.queries import get_place
from salam.web.forms import (
    ConsentField,
    JalaliDateField,
    KitForm,
    NameField,
    NationalIdField,
    OtherIdField,
)
from salam.web.resident import questions

Text = str | Promise
Answers = Mapping[str, Mapping[str, Any]]

_AGE_MAX: Final = 110
# Which field an answer to "which do you have" asks for.
_IDENTIFIERS: Final = {"national": "national_id", "other": "other_id"}


class StepForm(KitForm):
    """One screen. ``answer`` gives plain values for the session, ``initial`` is one of them."""

    slug: ClassVar[str]
    title: ClassVar[Text]
    lead: ClassVar[Text] = ""

    def __init__(self, *args: Any, today: date, answers: Answers, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.answers = answers

    @property
    def answer(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class NameForm(StepForm):
    slug = "name"
    title = gettext_lazy("نام شما چیست؟")
    lead = gettext_lazy("همان‌طور که در کارت ملی آمده است.")

    given_name = NameField(
        label=gettext_lazy("نام"),
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    family_name = NameField(
        label=gettext_lazy("نام خانوادگی"),
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )


class IdentityForm(StepForm):
    """The number itself is never written back into a page: it is kept, and can be written anew."""

    slug = "identity"
    title = gettext_lazy("کد ملی یا شناسهٔ شما چیست؟")
    lead = gettext_lazy(
        "با آن هر کس فقط یک بار ثبت می‌شود. رمزشده نگه داشته می‌شود و کارکنان سازمان آن را نمی‌بینند."
    )

    kind = forms.ChoiceField(
        label=gettext_lazy("کدام را دارید؟"),
        choices=[
            ("national", gettext_lazy("کد ملی دارم")),
            ("other", gettext_lazy("شناسهٔ دیگری دارم")),
            ("none", gettext_lazy("هیچ‌کدام را ندارم یا اکنون همراهم نیست")),
        ],
        widget=forms.RadioSelect,
        initial="national",
    )
    national_id = NationalIdField(
        required=False,
        help_text=gettext_lazy("ده رقم؛ اگر ندارید خالی بگذارید."),
    )
    other_id = OtherIdField(
        required=False,
        help_text=gettext_lazy("مثل شمارهٔ گذرنامه یا کد اتباع؛ اگر ندارید خالی بگذارید."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept = {name: self.initial.pop(name, "") for name in _IDENTIFIERS.values()}
        for name, kept in self._kept.items():
            if kept:
                self.fields[name].help_text = _(
                    "نوشته‌اید و نگه داشته‌ایم؛ اگر خالی بماند همان می‌ماند."
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = _IDENTIFIERS.get(cleaned.get("kind", ""))
        for name, kept in self._kept.items():
            if name != wanted:
                # A half-written number is no mistake of somebody who says that there is none.
                self.errors.pop(name, None)
                cleaned[name] = ""
            elif name not in self.errors:
                cleaned[name] = cleaned.get(name) or kept
                if not cleaned[name]:
                    self.add_error(name, _("این شماره را بنویسید، یا گزینهٔ دیگری را بزنید."))
        return cleaned


class BirthForm(StepForm):
    slug = "birth"
    title = gettext_lazy("کی به دنیا آمده‌اید؟")
    lead = gettext_lazy("بعضی کارها سن معینی می‌خواهند. تاریخ تولدتان به کسی نشان داده نمی‌شود.")

    born_on = JalaliDateField(label=gettext_lazy("تاریخ تولد"), autocomplete="bday")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "born_on" in self.initial:
            self.initial["born_on"] = date.fromisoformat(self.initial["born_on"])

    def clean_born_on(self) -> date:
        born_on: date = self.cleaned_data["born_on"]
        if born_on > self.today:
            raise ValidationError(_("این تاریخ هنوز نیامده است؛ سال را دوباره ببینید."))
        age = age_years(born_on=born_on, on=self.today)
        if age > _AGE_MAX:
            raise ValidationError(_("تاریخ تولد خیلی دور است؛ سال را دوباره ببینید."))
        if age < VOLUNTEER_AGE_MIN:
            raise ValidationError(
                _(
                    "ثبت‌نام از ۱۴ سالگی است. خوشحالیم که می‌خواهید کمک کنید؛ "
                    "چند سال دیگر منتظرتان هستیم."
                )
            )
        return born_on

    @property
    def answer(self) -> dict[str, Any]:
        return {"born_on": self.cleaned_data["born_on"].isoformat()}


class GenderForm(StepForm):
    slug = "gender"
    title = gettext_lazy("زن هستید یا مرد؟")
    lead = gettext_lazy(
        "فقط برای کارهایی است که به حکم قانون ویژهٔ زنان یا مردان است؛ جایی نشان داده نمی‌شود."
    )

    gender = forms.ChoiceField(
        label=gettext_lazy("جنسیت"),
        choices=[
            (Gender.FEMALE.value, Gender.FEMALE.label),
            (Gender.MALE.value, Gender.MALE.label),
            (Gender.UNSTATED.value, gettext_lazy("نمی‌خواهم بگویم")),
        ],
        widget=forms.RadioSelect,
    )


class HomeForm(StepForm):
    slug = "home"
    title = gettext_lazy("خانه‌تان کجاست؟")
    lead = gettext_lazy("فقط محله؛ نشانی خانه را نمی‌خواهیم. پیشنهادها از همین نزدیکی می‌آید.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["home"] = questions.home_field()


class SkillsForm(StepForm):
    slug = "skills"
    title = gettext_lazy("چه کاری از دستتان برمی‌آید؟")
    lead = gettext_lazy(
        "هر چند تا که خواستید؛ نام هر دسته بازش می‌کند. مدرک لازم نیست، هم‌صحبتی هم یک مهارت است."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["skills"] = questions.skills_field()


class PlaceForm(StepForm):
    slug = "where"
    title = gettext_lazy("کجا و در چه زمینه‌ای؟")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place_of_service"] = questions.place_of_service_field()
        self.fields["areas"] = questions.areas_field()
        if "areas" not in self.initial:
            chosen = self.answers.get("skills", {}).get("skills", ())
            self.initial["areas"] = questions.areas_of_skills(chosen)


class TimeForm(StepForm):
    slug = "time"
    title = gettext_lazy("چقدر وقت دارید؟")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["half_days"] = questions.half_days_field()
        self.fields["weekly"] = questions.weekly_field()
        self.fields["radius_km"] = questions.radius_field()


class ConsentForm(StepForm):
    slug = "consent"
    title = gettext_lazy("با چه چیزی موافقید؟")
    lead = gettext_lazy("هر کدام جداست و هر وقت خواستید پسش می‌گیرید.")

    matching = ConsentField(label=gettext_lazy("موافقم که به من پیشنهاد داده شود"))
    messages = ConsentField(label=gettext_lazy("موافقم که پیامک بگیرم"))


STEPS: Final[tuple[type[StepForm], ...]] = (
    NameForm,
    IdentityForm,
    BirthForm,
    GenderForm,
    HomeForm,
    SkillsForm,
    PlaceForm,
    TimeForm,
    ConsentForm,
)
# The screen on which everything is read once more counts as a step, too.
STEP_COUNT: Final = len(STEPS) + 1


def step_of(slug: str) -> type[StepForm] | None:
    """The screen of an address; None where there is none."""
    return next((step for step in STEPS if step.slug == slug), None)


def first_missing(answers: Answers) -> type[StepForm] | None:
    """The first screen that was not answered; None when all were."""
    return next((step for step in STEPS if step.slug not in answers), None)


def intake_of(answers: Answers, *, phone: str) -> VolunteerIntake:
    """What the answers say, for registration. Raises PlaceNotFound."""
    home = get_place(code=answers["home"]["home"])
    time, where = answers["time"], answers["where"]
    return VolunteerIntake(
        given_name=answers["name"]["given_name"],
        family_name=answers["name"]["family_name"],
        phone=phone,
        national_id=answers["identity"]["national_id"],
        other_id=answers["identity"]["other_id"],
        birth_date=date.fromisoformat(answers["birth"]["born_on"]),
        gender=Gender(answers["gender"]["gender"]),
        home_place_id=home.pk,
        skill_bits=questions.skill_bits_of(answers["skills"]["skills"]),
        area_bits=bits_of(int(number) for number in where["areas"]),
        half_day_bits=bits_of(time["half_days"]),
        weekly_half_days=time["weekly"],
        radius_m=time["radius_km"] * 1000,
        place_of_service=PlaceOfService(where["place_of_service"]),
        consents=consents_of(answers),
    )


def consents_of(answers: Answers) -> frozenset[ConsentPurpose]:
    given = answers["consent"]
    asked = (ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES)
    return frozenset(purpose for purpose in asked if given.get(purpose.value))
