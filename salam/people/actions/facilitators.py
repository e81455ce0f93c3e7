"""The register of facilitators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.people.actions.locking import locked_person
from salam.people.enums import Readiness
from salam.people.models import Facilitator, FacilitatorPlace
from salam.places.enums import PlaceKind
from salam.places.models import Place

# Where one walks the streets; a county or a province is the work of a headquarters.
SERVED_KINDS: Final = frozenset({PlaceKind.NEIGHBOURHOOD, PlaceKind.VILLAGE, PlaceKind.CITY})


class AlreadyFacilitator(DomainError):
    code = "already_facilitator"

    def __init__(self) -> None:
        super().__init__(_("این فرد هم‌اکنون در فهرست تسهیلگران است؛ محله‌هایش را آنجا تغییر دهید."))


def register_facilitator(
    *,
    actor: Actor,
    person_id: int,
    place_ids: Sequence[int],
    certificate_expires_on: date | None,
    readiness: Readiness = Readiness.READY,
) -> Facilitator:
    """Enter a person in the register with the places served; writes an Event.

    The actor must reach each place, or the person's home where none is named yet. Raises
    AlreadyFacilitator, InvalidInput, PermissionRefused.
    """
    with transaction.atomic():
        person = locked_person(person_id=person_id)
        places = _served_places(place_ids)
        _require_reach(actor, places or [person.home_place])
        if Facilitator.objects.filter(person=person).exists():
            raise AlreadyFacilitator
        facilitator = Facilitator.objects.create(
            person=person,
            readiness=readiness,
            certificate_expires_on=certificate_expires_on,
            province_code=places[0].province_code if places else person.province_code,
        )
        _write_places(facilitator, places)
        _record(
            "people.facilitator_registered",
            actor=actor,
            facilitator=facilitator,
            places=places,
        )
    return facilitator


def set_facilitator_places(
    *,
    actor: Actor,
    facilitator_id: int,
    place_ids: Sequence[int],
) -> Facilitator:
    """Replace the places a facilitator serves; writes an Event.

    The actor must reach the old and the new ones, or the person's home where there were none.
    Raises InvalidInput, PermissionRefused.
    """
    with transaction.atomic():
        facilitator = (
            Facilitator.objects.select_for_update(of=("self",), no_key=True)
            .select_related("person__home_place")
            .filter(pk=facilitator_id)
            .first()
        )
        if facilitator is None:
            raise PermissionRefused
        entries = facilitator.places.select_related("place")
        _require_reach(
            actor,
            [entry.place for entry in entries] or [facilitator.person.home_place],
        )
        places = _served_places(place_ids)
        _require_reach(actor, places)
        facilitator.places.all().delete()
        _write_places(facilitator, places)
        if places:
            facilitator.province_code = places[0].province_code
            facilitator.save(update_fields=["province_code"])
        _record(
            "people.facilitator_places_set",
            actor=actor,
            facilitator=facilitator,
            places=places,
        )
    return facilitator


def _served_places(place_ids: Sequence[int]) -> list[Place]:
    wanted = set(place_ids)
    places = list(Place.objects.filter(pk__in=wanted, valid_to__isnull=True).order_by("pk"))
    if len(places) != len(wanted):
        raise InvalidInput(_("یکی از این جاها پیدا نشد؛ دوباره انتخاب کنید."))
    if any(place.kind not in SERVED_KINDS for place in places):
        raise InvalidInput(_("تسهیلگر در محله، روستا یا شهر کار می‌کند؛ جای کوچک‌تری انتخاب کنید."))
    return places


def _require_reach(actor: Actor, places: Iterable[Place | None]) -> None:
    for place in places:
        require(actor, Verb.FACILITATOR_EDIT, Scope(place_path=place.path if place else None))


def _write_places(facilitator: Facilitator, places: Sequence[Place]) -> None:
    FacilitatorPlace.objects.bulk_create(
        FacilitatorPlace(facilitator=facilitator, place=place) for place in places
    )


def _record(
    kind: str,
    *,
    actor: Actor,
    facilitator: Facilitator,
    places: Sequence[Place],
) -> None:
    record_event(
        kind=kind,
        subject_type="people.Facilitator",
        subject_id=facilitator.pk,
        actor_id=actor.person_id,
        payload={"place_ids": [place.pk for place in places]},
    )
