"""What one person tells when registering, and what can be wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext as _

from salam.core.dates import HALF_DAY_COUNT, age_years
from salam.core.errors import InvalidInput
from salam.core.text import clean_name
from salam.people.enums import ConsentPurpose, Gender, PlaceOfService, VettingTier
from salam.people.queries import VOLUNTEER_AGE_MIN

AGE_MAX: Final = 110
ADDRESS_LENGTH_MAX: Final = 300
RADIUS_M_MAX: Final = 200_000

_CAMPAIGN_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,39}|")


@dataclass(frozen=True, kw_only=True)
class VolunteerIntake:
    """What one person tells when registering, normalised (mobile E.164, national ID ten digits)."""

    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    phone: str = field(repr=False)
    national_id: str = field(default="", repr=False)
    # Of another kind, for who has no national ID: as core.identifiers.normalise_other_id gives it.
    other_id: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    gender: Gender = Gender.UNSTATED
    home_place_id: int
    # Not relied on: the records take the province from the home place itself.
    home_province_code: str = ""
    skill_bits: int = 0
    area_bits: int = 0
    half_day_bits: int = 0
    weekly_half_days: int = 1
    radius_m: int = 5000
    place_of_service: PlaceOfService = PlaceOfService.EITHER
    consents: frozenset[ConsentPurpose] = frozenset()
    # On paper before today; empty: now, as on-line always.
    consented_at: datetime | None = None
    campaign_code: str = ""
    # Checked on paper before: only for intake from existing files and for demos.
    vetting_tier: VettingTier = VettingTier.NONE
    vetting_issued_on: date | None = None
    vetting_expires_on: date | None = None


def check_intake(*, intake: VolunteerIntake, on: date) -> VolunteerIntake:
    """The intake with clean texts. Raises InvalidInput with the first thing that is wrong."""
    given = clean_name(intake.given_name, label=_("نام"))
    family = clean_name(intake.family_name, label=_("نام خانوادگی"))
    address = intake.address and clean_name(
        intake.address,
        label=_("نشانی"),
        length_max=ADDRESS_LENGTH_MAX,
    )
    if intake.birth_date is not None:
        _check_age(intake.birth_date, on)
    if not 0 <= intake.half_day_bits < 1 << HALF_DAY_COUNT:
        raise InvalidInput(_("نیم‌روزها درست نیست؛ دوباره انتخابشان کنید."))
    if not 0 <= intake.weekly_half_days <= HALF_DAY_COUNT:
        raise InvalidInput(_("سقف هفتگی باید میان صفر تا ۱۴ نیم‌روز باشد."))
    if not 0 <= intake.radius_m <= RADIUS_M_MAX:
        raise InvalidInput(_("شعاع رفت‌وآمد باید میان صفر تا ۲۰۰ کیلومتر باشد."))
    if not _CAMPAIGN_CODE.fullmatch(intake.campaign_code):
        raise InvalidInput(_("کد پویش درست نیست؛ نشانی صفحه را دوباره باز کنید."))
    if (given, family, address) == (intake.given_name, intake.family_name, intake.address):
        return intake
    return replace(intake, given_name=given, family_name=family, address=address)


def _check_age(birth_date: date, on: date) -> None:
    if birth_date > on:
        raise InvalidInput(_("تاریخ تولد در آینده است؛ آن را دوباره ببینید."))
    age = age_years(born_on=birth_date, on=on)
    if age > AGE_MAX:
        raise InvalidInput(_("تاریخ تولد خیلی دور است؛ سال را دوباره ببینید."))
    if age < VOLUNTEER_AGE_MIN:
        raise InvalidInput(_("ثبت‌نام از ۱۴ سالگی ممکن است."))
