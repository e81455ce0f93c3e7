from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError
from salam.core.events import record_event
from salam.core.text import clean_name
from salam.core.verbs import Verb
from salam.places.models import Place, TargetList, TargetListPlace
from salam.places.queries import PlaceNotFound, get_place

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")


class TargetListRefused(DomainError):
    """A target list cannot be made or found."""

    code = "target_list_refused"


def create_target_list(
    *,
    actor: Actor,
    code: str,
    name: str,
    is_generated: bool = False,
) -> TargetList:
    """Make an empty list; writes an Event. Raises PermissionRefused, TargetListRefused."""
    require(actor, Verb.TARGET_LIST_EDIT, Scope())
    if not _CODE.fullmatch(code):
        raise TargetListRefused(_("کد فهرست را با حروف کوچک انگلیسی، رقم و خط تیره بنویسید."))
    cleaned = clean_name(name, label=_("نام فهرست"))
    try:
        with transaction.atomic():
            made = TargetList.objects.create(code=code, name=cleaned, is_generated=is_generated)
            _record(actor, made, "created")
    except IntegrityError:
        raise TargetListRefused(_("فهرستی با این کد هست؛ کد دیگری بنویسید.")) from None
    return made


def add_to_target_list(
    *,
    actor: Actor,
    list_code: str,
    place_codes: Collection[str],
    on: date,
) -> int:
    """Put places on a list; those that stand on it already stay. Returns how many are new.

    Writes one Event. Raises PermissionRefused (also for an unknown place), TargetListRefused.
    """
    codes = set(place_codes)
    with transaction.atomic():
        target_list = _lock_list(list_code)
        places = list(Place.objects.filter(code__in=codes).order_by("id"))
        if len(places) < len(codes):
            raise PlaceNotFound
        for place in places:
            require(actor, Verb.TARGET_LIST_EDIT, Scope(place_path=place.path))
            if place.valid_to is not None and place.valid_to <= on:
                raise TargetListRefused(
                    _("«{name}» دیگر در فهرست رسمی جاها نیست.").format(name=place.name)
                )
        standing = set(
            target_list.entries.filter(removed_on__isnull=True).values_list("place_id", flat=True),
        )
        new = [place for place in places if place.pk not in standing]
        TargetListPlace.objects.bulk_create(
            TargetListPlace(target_list=target_list, place=place, added_on=on) for place in new
        )
        if new:
            _record(actor, target_list, "extended", place_ids=[place.pk for place in new])
    return len(new)


def remove_from_target_list(*, actor: Actor, list_code: str, place_code: str, on: date) -> None:
    """Take a place off a list; the list keeps that it stood there. Writes an Event.

    Raises PermissionRefused, TargetListRefused.
    """
    place = get_place(code=place_code)
    require(actor, Verb.TARGET_LIST_EDIT, Scope(place_path=place.path))
    with transaction.atomic():
        target_list = _lock_list(list_code)
        entry = target_list.entries.filter(place=place, removed_on__isnull=True).first()
        if entry is None:
            raise TargetListRefused(_("«{name}» در این فهرست نیست.").format(name=place.name))
        if on < entry.added_on:
            raise TargetListRefused(_("روز برداشتن پیش از روز گذاشتن در فهرست است."))
        entry.removed_on = on
        entry.save(update_fields=["removed_on"])
        _record(actor, target_list, "shortened", place_ids=[place.pk])


def _lock_list(code: str) -> TargetList:
    try:
        return TargetList.objects.select_for_update().get(code=code)
    except TargetList.DoesNotExist:
        raise TargetListRefused(_("فهرستی با این کد نیست.")) from None


def _record(
    actor: Actor,
    target_list: TargetList,
    what: str,
    *,
    place_ids: list[int] | None = None,
) -> None:
    record_event(
        kind=f"places.target_list_{what}",
        subject_type="target_list",
        subject_id=target_list.pk,
        actor_id=actor.person_id,
        payload={"list_code": target_list.code, "place_ids": place_ids or []},
    )
