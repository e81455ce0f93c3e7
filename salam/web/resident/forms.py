"""What is asked on one's own page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.quantities import bits_of, grouped, numbers_of
from salam.people.actions import ProfileChange
from salam.people.enums import PlaceOfService
from salam.people.queries import OwnProfile
from salam.places.queries import get_place
from salam.service.enums import DeclineReason
from salam.web.forms import KitForm, NameField
from salam.web.resident import questions

_MINUTES = (0, 15, 30, 45)
_HOURS_MAX = 12


class DeclineForm(KitForm):
    """Why not, from a list; saying nothing is one of the answers."""

    reason = forms.ChoiceField(
        label=gettext_lazy("اگر خواستید بگویید چرا"),
        help_text=gettext_lazy("به حساب شما نوشته نمی‌شود؛ کمک می‌کند پیشنهاد بعدی بهتر باشد."),
        choices=DeclineReason.choices,
        widget=forms.RadioSelect,
        initial=DeclineReason.UNSTATED,
    )


class ReportForm(KitForm):
    """How long a session was, as people say it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label, counts in (
            ("hours", _("ساعت"), range(_HOURS_MAX + 1)),
            ("minutes", _("دقیقه"), _MINUTES),
        ):
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=[(count, grouped(count)) for count in counts],
                coerce=int,
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned["hours"] and not cleaned["minutes"]:
            self.add_error("hours", _("بنویسید چقدر طول کشید."))
        return cleaned

    @property
    def duration_minutes(self) -> int:
        hours: int = self.cleaned_data["hours"]
        minutes: int = self.cleaned_data["minutes"]
        return 60 * hours + minutes


class ProfileForm(KitForm):
    """What a person may correct without papers; starts with what is held."""

    given_name = NameField(
        label=gettext_lazy("نام"),
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    family_name = NameField(
        label=gettext_lazy("نام خانوادگی"),
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )

    def __init__(self, *args: Any, profile: OwnProfile, **options: Any) -> None:
        super().__init__(*args, initial=_held(profile), **options)
        kept_km = -(-profile.radius_m // 1000)
        self.fields |= {
            "home": questions.home_field(),
            "skills": questions.skills_field(),
            "place_of_service": questions.place_of_service_field(),
            "areas": questions.areas_field(),
            "half_days": questions.half_days_field(),
            "weekly": questions.weekly_field(kept=profile.weekly_half_days),
            "radius_km": questions.radius_field(kept_km=kept_km),
        }

    @property
    def change(self) -> ProfileChange:
        """Raises PlaceNotFound."""
        typed = self.cleaned_data
        return ProfileChange(
            given_name=typed["given_name"],
            family_name=typed["family_name"],
            home_place_id=get_place(code=typed["home"]).pk,
            skill_bits=questions.skill_bits_of(typed["skills"]),
            area_bits=bits_of(int(number) for number in typed["areas"]),
            half_day_bits=bits_of(typed["half_days"]),
            weekly_half_days=typed["weekly"],
            radius_m=typed["radius_km"] * 1000,
            place_of_service=PlaceOfService(typed["place_of_service"]),
        )


def _held(profile: OwnProfile) -> dict[str, Any]:
    return {
        "given_name": profile.given_name,
        "family_name": profile.family_name,
        "home": profile.home_place.code if profile.home_place else "",
        "skills": questions.skill_codes_of(profile.skill_bits),
        "place_of_service": profile.place_of_service.value,
        "areas": [str(number) for number in numbers_of(profile.area_bits)],
        "half_days": list(numbers_of(profile.half_day_bits)),
        "weekly": str(profile.weekly_half_days),
        "radius_km": str(-(-profile.radius_m // 1000)),
    }
