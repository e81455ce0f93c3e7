"""People correct what they told about themselves, and say when they want to be left alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.dates import HALF_DAY_COUNT
from salam.core.errors import DomainError, InvalidInput
from salam.core.events import record_event
from salam.core.quantities import bits_of, to_signed
from salam.core.text import clean_name
from salam.core.verbs import Verb
from salam.people.actions.consents import settle_status
from salam.people.actions.intake import RADIUS_M_MAX
from salam.people.actions.locking import locked_person
from salam.people.enums import PlaceOfService, VolunteerStatus
from salam.people.models import Person, Skill, VolunteerProfile
from salam.places.enums import HOME_KINDS
from salam.places.models import Place

_PERSON_COLUMNS: Final = ("given_name", "family_name", "home_place_id")
_PROFILE_COLUMNS: Final = (
    "skill_bits",
    "area_bits",
    "half_day_bits",
    "weekly_half_days",
    "radius_m",
    "place_of_service",
)


class NotAVolunteer(DomainError):
    code = "not_a_volunteer"

    def __init__(self) -> None:
        super().__init__(_("شما هنوز داوطلب نیستید؛ در نزدیک‌ترین مرکز ثبت‌نام کنید."))


@dataclass(frozen=True, kw_only=True)
class ProfileChange:
    """What a person corrects; ``None`` leaves a thing as it is.

    Birth date and identifiers are looked at on paper, so a centre corrects those.
    """

    given_name: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)
    home_place_id: int | None = None
    skill_bits: int | None = None
    area_bits: int | None = None
    half_day_bits: int | None = None
    weekly_half_days: int | None = None
    radius_m: int | None = None
    place_of_service: PlaceOfService | None = None


def update_profile(
    *,
    actor: Actor,
    person_id: int,
    change: ProfileChange,
    now: datetime,
) -> Person:
    """Correct name, home, skills or time of a person; running assignments stay as agreed.

    People do it for themselves; who may register people at the home place may do it for them.
    Writes an Event that names the columns, never what stands in them. What is the same already
    writes nothing. Raises InvalidInput, NotAVolunteer, PermissionRefused.
    """
    del now
    with transaction.atomic():
        person, profile = _locked(actor, person_id)
        person_columns = _person_columns(change)
        if "home_place_id" in person_columns:
            home = _home(change.home_place_id or 0)
            person.province_code = profile.province_code = home.province_code
        changed = [
            *_apply(person, person_columns),
            *_apply(profile, _profile_columns(change)),
        ]
        if not changed:
            return person
        person.save(update_fields=[*_PERSON_COLUMNS, "province_code"])
        profile.save(update_fields=[*_PROFILE_COLUMNS, "province_code"])
        _record("people.profile_changed", person, actor, columns=changed)
    return person


def set_availability(
    *,
    actor: Actor,
    person_id: int,
    is_paused: bool,
    now: datetime,
) -> VolunteerStatus:
    """Rest from offers, or take them again; returns the status. Writes an Event where it changes.

    What was accepted goes on. Whoever lacks a consent is *invited* after the rest, as before it.
    Raises NotAVolunteer, PermissionRefused.
    """
    with transaction.atomic():
        person, profile = _locked(actor, person_id)
        before = VolunteerStatus(profile.status)
        if before is VolunteerStatus.WITHDRAWN or is_paused == (before is VolunteerStatus.PAUSED):
            return before
        profile.status = VolunteerStatus.PAUSED if is_paused else VolunteerStatus.INVITED
        profile.save(update_fields=["status"])
        if not is_paused:
            settle_status(person=person, now=now)
            profile.refresh_from_db(fields=["status"])
        kind = "people.volunteer_paused" if is_paused else "people.volunteer_resumed"
        _record(kind, person, actor)
    return VolunteerStatus(profile.status)


def _locked(actor: Actor, person_id: int) -> tuple[Person, VolunteerProfile]:
    person = locked_person(person_id=person_id)
    if actor.person_id not in {person_id, person.pk}:
        path = person.home_place.path if person.home_place else None
        require(actor, Verb.VOLUNTEER_REGISTER, Scope(place_path=path, person_id=person.pk))
    profile = VolunteerProfile.objects.select_for_update().filter(person=person).first()
    if profile is None:
        raise NotAVolunteer
    return person, profile


def _person_columns(change: ProfileChange) -> dict[str, object]:
    columns: dict[str, object] = {}
    if change.given_name is not None:
        columns["given_name"] = clean_name(change.given_name, label=_("نام"))
    if change.family_name is not None:
        columns["family_name"] = clean_name(change.family_name, label=_("نام خانوادگی"))
    if change.home_place_id is not None:
        columns["home_place_id"] = change.home_place_id
    return columns


def _profile_columns(change: ProfileChange) -> dict[str, object]:
    _check(change)
    columns: dict[str, object] = {
        name: value for name in _PROFILE_COLUMNS if (value := getattr(change, name)) is not None
    }
    if change.skill_bits is not None:
        # A skill that was retired after the form was drawn: its bit may mean another one tomorrow.
        bits = Skill.objects.values_list("bit", flat=True)
        active = bits_of(bit for bit in bits if bit is not None)
        columns["skill_bits"] = to_signed(change.skill_bits & active)
    return columns


def _check(change: ProfileChange) -> None:
    if change.half_day_bits is not None and not 0 <= change.half_day_bits < 1 << HALF_DAY_COUNT:
        raise InvalidInput(_("نیم‌روزها درست نیست؛ دوباره انتخابشان کنید."))
    if change.weekly_half_days is not None and not 0 <= change.weekly_half_days <= HALF_DAY_COUNT:
        raise InvalidInput(_("سقف هفتگی باید میان صفر تا ۱۴ نیم‌روز باشد."))
    if change.radius_m is not None and not 0 <= change.radius_m <= RADIUS_M_MAX:
        raise InvalidInput(_("شعاع رفت‌وآمد باید میان صفر تا ۲۰۰ کیلومتر باشد."))


def _home(home_place_id: int) -> Place:
    home = Place.objects.filter(pk=home_place_id, kind__in=HOME_KINDS).first()
    if home is None:
        raise InvalidInput(_("محل زندگی باید شهر، روستا یا محله باشد؛ آن را دوباره انتخاب کنید."))
    return home


def _apply(row: Person | VolunteerProfile, columns: dict[str, object]) -> list[str]:
    """Sets what differs; returns the names of those columns."""
    changed = [name for name, value in columns.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, columns[name])
    return changed


def _record(
    kind: str,
    person: Person,
    actor: Actor,
    *,
    columns: list[str] | None = None,
) -> None:
    record_event(
        kind=kind,
        subject_type="people.Person",
        subject_id=person.pk,
        actor_id=actor.person_id,
        payload={"columns": columns} if columns else {},
    )
