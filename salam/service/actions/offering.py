"""Asking people: offers are opened in an intermediary's name, as long as there is a seat."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.actors import Actor, Scope, require
from salam.core.bulk import copy_rows, reserve_ids
from salam.core.dates import local_day
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_events
from salam.core.verbs import Verb
from salam.messaging.actions import queue_messages
from salam.needs.enums import NeedStatus
from salam.needs.models import NeedLine
from salam.needs.timing import half_days_of, next_day
from salam.organizations.models import Intermediary
from salam.organizations.queries import is_usable_intermediary
from salam.people.models import Person, VolunteerProfile
from salam.people.queries import consenting_to_messages, matchable_volunteers
from salam.service.enums import LIVE_OFFERS, OfferStatus
from salam.service.messages import OFFER_WAITING
from salam.service.models import Offer

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

# Long enough for somebody who looks at the phone on Friday only, short enough that the seat does
# not stand empty for a second week.
ANSWER_WITHIN: Final = timedelta(days=4)

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
_BATCH: Final = 10_000
_COLUMNS: Final = (
    "id",
    "public_id",
    "person_id",
    "need_line_id",
    "half_day",
    "organization_id",
    "province_code",
    "origin",
    "distance_100m",
    "status",
    "decline_reason",
    "opened_at",
    "answer_by",
)


class Skipped(StrEnum):
    """Why somebody who was to be asked is not asked now. Nothing is lost: the next run sees it."""

    LEFT = "left"
    NEED_CLOSED = "need_closed"
    HOST_UNAVAILABLE = "host_unavailable"
    ANSWERED_NO = "answered_no"
    HALF_DAY_TAKEN = "half_day_taken"
    WEEK_FULL = "week_full"
    LINE_FULL = "line_full"
    WINDOW_OVER = "window_over"
    SEATS_FULL = "seats_full"


_SENTENCES: Final[Mapping[Skipped, StrOrPromise]] = {
    Skipped.LEFT: gettext_lazy("این داوطلب اکنون پیشنهاد نمی‌گیرد."),
    Skipped.NEED_CLOSED: gettext_lazy("این نیاز بسته شده است."),
    Skipped.HOST_UNAVAILABLE: gettext_lazy("این مؤسسه اکنون نمی‌تواند واسطه باشد."),
    Skipped.ANSWERED_NO: gettext_lazy("این داوطلب پیش‌تر به همین نیاز نه گفته است."),
    Skipped.HALF_DAY_TAKEN: gettext_lazy("این نیم‌روزِ داوطلب پر است."),
    Skipped.WEEK_FULL: gettext_lazy("هفتهٔ این داوطلب پر است."),
    Skipped.LINE_FULL: gettext_lazy("برای این نیم‌روز کسان لازم پیدا شده‌اند."),
    Skipped.WINDOW_OVER: gettext_lazy("روزهای این نیاز گذشته است."),
    Skipped.SEATS_FULL: gettext_lazy("ظرفیت این هفتهٔ مؤسسه پر است."),
}


class OfferNotPossible(DomainError):
    code = "offer_not_possible"


@dataclass(frozen=True, kw_only=True)
class NewOffer:
    """Whom to ask for what; ``origin`` is opaque to this room ("proposal:812").

    Of a flexible line ``half_day`` says which of those that it allows; of a fixed one it may be
    left out.
    """

    person_id: int
    need_line_id: int
    origin: str
    half_day: int | None = None
    distance_100m: int | None = None


@dataclass(frozen=True)
class OfferingOutcome:
    """How many were asked, and how many were not, by reason."""

    opened: int
    skipped: Mapping[Skipped, int]


def open_offer(*, actor: Actor, offer: NewOffer, now: datetime) -> Offer:
    """Ask one person. Raises OfferNotPossible with the reason, and as :func:`open_offers`."""
    line = NeedLine.objects.select_related("need__place").filter(pk=offer.need_line_id).first()
    if line is None:
        raise PermissionRefused
    with transaction.atomic():
        outcome = open_offers(
            actor=actor,
            offers=[offer],
            within_path=line.need.place.path,
            now=now,
        )
        for reason in outcome.skipped:
            raise OfferNotPossible(_SENTENCES[reason])
        return Offer.objects.get(
            need_line_id=line.pk,
            origin=offer.origin,
            status=OfferStatus.OPEN,
            opened_at=now,
        )


def open_offers(
    *,
    actor: Actor,
    offers: Sequence[NewOffer],
    within_path: str,
    now: datetime,
) -> OfferingOutcome:
    """Ask many people at once for lines of a place and below, and send each a neutral message.

    Everything is looked at again under lock: who left, whose half-day is taken, which need is
    closed, which institution suspended, which seats are full. Those are skipped and counted; the
    others are asked. Writes an Event an offer. Raises PermissionRefused also when a line lies
    outside the place, and InvalidInput.
    """
    require(actor, Verb.OFFER_OPEN, Scope(place_path=within_path))
    if not all(_ORIGIN.fullmatch(offer.origin) for offer in offers):
        raise InvalidInput(_("سرچشمهٔ پیشنهاد باید یکی از کدهای سامانه باشد."))
    with transaction.atomic():
        canonical = _canonical_ids({offer.person_id for offer in offers})
        willing = _lock_willing(sorted(set(canonical.values())), now=now)
        lines = _locked_lines({offer.need_line_id for offer in offers}, within_path=within_path)
        desk = _Desk.of(lines=lines, person_ids=willing, on=local_day(now))
        chosen: list[_Chosen] = []
        skipped: Counter[Skipped] = Counter()
        for offer in offers:
            line = lines[offer.need_line_id]
            one = _Chosen(
                offer=offer,
                person_id=canonical.get(offer.person_id, offer.person_id),
                line=line,
                half_day=_half_day_of(offer, line),
            )
            reason = desk.take(one)
            if reason is None:
                chosen.append(one)
            else:
                skipped[reason] += 1
        _write(chosen, actor=actor, now=now)
    return OfferingOutcome(opened=len(chosen), skipped=dict(skipped))


@dataclass(frozen=True, kw_only=True)
class _Chosen:
    """One offer with the record that the person lives on in, and the half-day it is for."""

    offer: NewOffer
    person_id: int
    line: NeedLine
    half_day: int


def _half_day_of(offer: NewOffer, line: NeedLine) -> int:
    half_day = line.half_day if offer.half_day is None else offer.half_day
    if half_day is None or half_day not in half_days_of(line):
        raise InvalidInput(_("این نیم‌روز از نیم‌روزهای این نیاز نیست."))
    return half_day


@dataclass
class _Desk:
    """What is free while offers are handed out one by one.

    half_days: of people, taken; half_day_free: places of a line on one half-day; line_free: places
    of a line in the week.
    """

    on: date
    willing: Collection[int]
    half_days: set[tuple[int, int]]
    refused: set[tuple[int, int]]
    week_free: Counter[int]
    half_day_free: Counter[tuple[int, int]]
    line_free: Counter[int]
    seats_free: Counter[int]
    usable: Mapping[int, bool]

    @classmethod
    def of(
        cls,
        *,
        lines: Mapping[int, NeedLine],
        person_ids: Collection[int],
        on: date,
    ) -> _Desk:
        """Six queries, whatever the number of offers."""
        live = Offer.objects.filter(status__in=LIVE_OFFERS)
        brokers = {
            line.need.intermediary.organization_id: line.need.intermediary
            for line in lines.values()
        }
        seats_free = Counter(
            {broker_id: broker.seats_weekly for broker_id, broker in brokers.items()},
        )
        seats_free.subtract(
            live.filter(organization_id__in=brokers).values_list("organization_id", flat=True),
        )
        half_day_free, line_free = _free_places(lines)
        # A merged person has one week: offers to the duplicates count, too.
        own = Q(person_id__in=person_ids) | Q(person__merged_into_id__in=person_ids)
        who = ("person_id", "person__merged_into_id")
        half_days = {
            (merged or person, half_day)
            for person, merged, half_day in live.filter(own).values_list(*who, "half_day")
        }
        caps = VolunteerProfile.objects.filter(person_id__in=person_ids)
        week_free = Counter(dict(caps.values_list("person_id", "weekly_half_days")))
        week_free.subtract(person for person, _half_day in half_days)
        return cls(
            on=on,
            willing=person_ids,
            half_days=half_days,
            week_free=week_free,
            refused={
                (merged or person, need)
                for person, merged, need in Offer.objects.filter(
                    own,
                    status=OfferStatus.DECLINED,
                    need_line__need__lines__in=lines,
                ).values_list(*who, "need_line__need_id")
            },
            half_day_free=half_day_free,
            line_free=line_free,
            seats_free=seats_free,
            usable={
                broker_id: is_usable_intermediary(organization=broker.organization)
                for broker_id, broker in brokers.items()
            },
        )

    def take(self, one: _Chosen) -> Skipped | None:
        """Take a half-day, a place in the line and a seat, or say what is missing."""
        person_id, line, half_day = one.person_id, one.line, one.half_day
        places = min(self.half_day_free[line.pk, half_day], self.line_free[line.pk])
        broker_id = line.need.intermediary.organization_id
        obstacles = (
            (Skipped.LEFT, person_id not in self.willing),
            (Skipped.NEED_CLOSED, line.need.status != NeedStatus.OPEN),
            (Skipped.HOST_UNAVAILABLE, not self.usable[broker_id]),
            (Skipped.ANSWERED_NO, (person_id, line.need_id) in self.refused),
            (Skipped.WINDOW_OVER, next_day(line, half_day=half_day, after=self.on) is None),
            (Skipped.HALF_DAY_TAKEN, (person_id, half_day) in self.half_days),
            (Skipped.WEEK_FULL, self.week_free[person_id] <= 0),
            (Skipped.LINE_FULL, places <= 0),
            (Skipped.SEATS_FULL, self.seats_free[broker_id] <= 0),
        )
        for reason, holds in obstacles:
            if holds:
                return reason
        self.half_days.add((person_id, half_day))
        self.week_free[person_id] -= 1
        self.half_day_free[line.pk, half_day] -= 1
        self.line_free[line.pk] -= 1
        self.seats_free[broker_id] -= 1
        return None


def _free_places(
    lines: Mapping[int, NeedLine],
) -> tuple[Counter[tuple[int, int]], Counter[int]]:
    """Places that live offers leave free, by line and half-day and by line; one query."""
    live = Offer.objects.filter(status__in=LIVE_OFFERS, need_line_id__in=lines)
    taken = list(live.values_list("need_line_id", "half_day"))
    of_half_days = Counter(
        {
            (line.pk, half_day): line.headcount
            for line in lines.values()
            for half_day in half_days_of(line)
        },
    )
    of_half_days.subtract(taken)
    of_lines = Counter({line.pk: line.seats_weekly for line in lines.values()})
    of_lines.subtract(line_id for line_id, _half_day in taken)
    return of_half_days, of_lines


def _canonical_ids(person_ids: Collection[int]) -> dict[int, int]:
    rows = Person.objects.filter(pk__in=person_ids).values_list("id", "merged_into_id")
    return {key: merged_into or key for key, merged_into in rows}


def _lock_willing(person_ids: Sequence[int], *, now: datetime) -> set[int]:
    """Those of these people, ascending, who can be asked, locked against leaving meanwhile."""
    willing: set[int] = set()
    for start in range(0, len(person_ids), _BATCH):
        batch = person_ids[start : start + _BATCH]
        locked = Person.objects.select_for_update(no_key=True).filter(pk__in=batch)
        keys = list(locked.order_by("pk").values_list("pk", flat=True))
        # A statement of its own sees what was committed while the lock was waited for.
        matchable = matchable_volunteers(on=local_day(now)).filter(person_id__in=keys)
        willing.update(matchable.values_list("person_id", flat=True))
    return willing


def _locked_lines(line_ids: Collection[int], *, within_path: str) -> dict[int, NeedLine]:
    """The lines with needs and intermediaries; both locked, so that two releases share no seat.

    The intermediaries come first: two needs of one institution have no line in common.
    """
    brokers = Intermediary.objects.select_for_update(no_key=True).filter(
        pk__in=NeedLine.objects.filter(pk__in=line_ids).values("need__intermediary"),
    )
    list(brokers.order_by("pk").values_list("pk", flat=True))
    lines = {
        line.pk: line
        for line in NeedLine.objects.select_for_update(of=("self",), no_key=True)
        .select_related("need__place", "need__intermediary__organization")
        .filter(pk__in=line_ids, need__place__path__within=within_path)
        .order_by("pk")
    }
    if len(lines) != len(set(line_ids)):
        raise PermissionRefused
    return lines


def _write(chosen: Sequence[_Chosen], *, actor: Actor, now: datetime) -> None:
    keys = reserve_ids(model=Offer, count=len(chosen))
    copy_rows(
        model=Offer,
        columns=_COLUMNS,
        rows=(_row(key, one, now=now) for key, one in zip(keys, chosen, strict=True)),
    )
    record_events(events=_events(keys, chosen), actor_id=actor.person_id)
    queue_messages(
        person_ids=consenting_to_messages(person_ids={one.person_id for one in chosen}),
        template=OFFER_WAITING.code,
        now=now,
    )


def _row(key: int, one: _Chosen, *, now: datetime) -> tuple[object, ...]:
    return (
        key,
        uuid.uuid4(),
        one.person_id,
        one.line.pk,
        one.half_day,
        one.line.need.intermediary.organization_id,
        one.line.need.province_code,
        one.offer.origin,
        one.offer.distance_100m,
        OfferStatus.OPEN.value,
        "",
        now,
        now + ANSWER_WITHIN,
    )


def _events(
    keys: Sequence[int],
    chosen: Sequence[_Chosen],
) -> Iterator[NewEvent]:
    for key, one in zip(keys, chosen, strict=True):
        yield NewEvent(
            "service.offer_opened",
            "service.Offer",
            key,
            {
                "person_id": one.person_id,
                "need_line_id": one.line.pk,
                "origin": one.offer.origin,
            },
        )
