"""After changes: the plan of the province they touched is made anew, the rest stays as it is.

Events of lower rooms are counted by province. Once a batch is full or has waited, its province is
planned again by a run of its own, a *renewal* of the live plan around it: what that plan proposes
elsewhere, and every live offer, stand as they are. A renewal waits for a person like any plan, and
is sent or set aside together with the plan that it renews.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from salam.core.events import read_events
from salam.core.models import Event
from salam.matching.actions.locking import run_alone_if_free
from salam.matching.actions.running import Clock, RunStopped, carry_out
from salam.matching.enums import LIVE_RUNS, RunStatus
from salam.matching.models import Renewal, Run, TouchedProvince
from salam.needs.enums import NeedStatus
from salam.needs.models import Need
from salam.people.models import Credential, TrainingRecord, VolunteerProfile
from salam.places.enums import PlaceKind
from salam.places.models import Place
from salam.service.models import Assignment, Offer

CURSOR: Final = "matching"
# So many changes are a batch; fewer wait until the first of them is so old.
BATCH_CHANGES: Final = 100
BATCH_WAITS: Final = timedelta(minutes=5)
_KEPT: Final = timedelta(days=1)
_PLANNED_KINDS: Final = (PlaceKind.COUNTRY, PlaceKind.PROVINCE)

_Keys = Sequence[int]
_Provinces = Iterable[tuple[int, str]]


def note_changes(*, limit: int = 1_000) -> int:
    """Count the next events of lower rooms by the province they touch; returns how many there were.

    Only what a live plan cannot know counts: what happened after its run began.
    """
    return read_events(cursor_name=CURSOR, handle=_note, kinds=_PROVINCES_OF, limit=limit)


def renew_touched(*, now: datetime, stopwatch: Callable[[], float]) -> bool:
    """Renew the plan of the province whose batch has waited longest.

    Whether there may be another to take: False when none is due, or somebody else runs the engine.
    A renewal that is stopped or breaks off leaves its changes to the next batch. Writes one Event.
    """
    if not _due(now).exists():
        return False
    with run_alone_if_free() as is_free:
        renewal = _take_due(now) if is_free else None
        if renewal is None:
            return False
        run = renewal.run
        clock = Clock(now=now, asked=stopwatch(), stopwatch=stopwatch)
        try:
            carry_out(run, actor_id=None, clock=clock, report=lambda _stage: None)
        except RunStopped:
            return True
        except BaseException:
            # One less than a full batch: it is tried again after a while and not at once.
            left = min(renewal.change_count, BATCH_CHANGES - 1)
            _count({run.province_code: left}, since=now)
            raise
        # What nobody decided on before it was made anew tells nobody anything; whoever has its page
        # open meanwhile reads that there is a newer one.
        Run.objects.filter(
            renewal__isnull=False,
            place=run.place,
            status=RunStatus.SUPERSEDED,
            finished_at__lt=now - _KEPT,
        ).delete()
    return True


def _note(events: Sequence[Event]) -> None:
    planned_at = _planned_at()
    if not planned_at:
        return
    keys: dict[str, dict[int, datetime]] = {}
    for event in events:
        keys.setdefault(event.kind, {})[event.subject_id] = event.occurred_at
    counts: Counter[str] = Counter()
    for kind, occurred_at in keys.items():
        for key, province_code in _PROVINCES_OF[kind](list(occurred_at)):
            started_at = planned_at.get(province_code)
            if started_at is not None and occurred_at[key] > started_at:
                counts[province_code] += 1
    if counts:
        _count(counts, since=events[-1].occurred_at)


def _planned_at() -> Mapping[str, datetime]:
    """When the newest live run over each province, or around it, began, or one that is at work."""
    runs = Run.objects.filter(
        status__in=[*LIVE_RUNS, RunStatus.RUNNING], place__kind__in=_PLANNED_KINDS
    ).order_by("pk")
    planned_at: dict[str, datetime] = {}
    for kind, province_code, started_at in runs.values_list(
        "place__kind", "province_code", "started_at"
    ):
        if kind == PlaceKind.COUNTRY:
            provinces = Place.objects.filter(kind=PlaceKind.PROVINCE, valid_to__isnull=True)
            planned_at = dict.fromkeys(provinces.values_list("code", flat=True), started_at)
        else:
            planned_at[province_code] = started_at
    return planned_at


def _count(counts: Mapping[str, int], *, since: datetime) -> None:
    """Add changes to the provinces' batches; a batch is as old as the first of them."""
    with transaction.atomic():
        TouchedProvince.objects.bulk_create(
            [TouchedProvince(province_code=code, since=since) for code in sorted(counts)],
            ignore_conflicts=True,
        )
        for code in sorted(counts):
            touched = TouchedProvince.objects.filter(province_code=code)
            touched.update(change_count=F("change_count") + counts[code])


def _due(now: datetime) -> QuerySet[TouchedProvince]:
    full = Q(change_count__gte=BATCH_CHANGES)
    return TouchedProvince.objects.filter(full | Q(since__lte=now - BATCH_WAITS)).order_by("since")


def _take_due(now: datetime) -> Renewal | None:
    """A new run over the province that is due first; None where there is none.

    Changes without a live plan around them are dropped: whoever starts a run reads them anyway.
    """
    with transaction.atomic():
        for touched in _due(now).select_for_update(skip_locked=True):
            place = Place.objects.get(code=touched.province_code)
            renewed = _live_run_around(place)
            touched.delete()
            if renewed is None:
                continue
            run = Run.objects.create(
                place=place,
                province_code=place.province_code,
                status=RunStatus.RUNNING,
                started_at=now,
            )
            return Renewal.objects.create(
                run=run, renewed=renewed, change_count=touched.change_count
            )
    return None


def _live_run_around(place: Place) -> Run | None:
    """The newest live run over a province or the country; for a renewal, what it renewed."""
    runs = Run.objects.filter(
        status__in=LIVE_RUNS, place__path__above=place.path, place__kind__in=_PLANNED_KINDS
    )
    newest = runs.order_by("-pk").first()
    renewal = Renewal.objects.filter(run=newest).select_related("renewed").first()
    return renewal.renewed if renewal is not None else newest


def _of_volunteers(keys: _Keys) -> _Provinces:
    profiles = VolunteerProfile.objects.filter(person_id__in=keys)
    return profiles.values_list("person_id", "province_code")


def _of_credentials(keys: _Keys) -> _Provinces:
    credentials = Credential.objects.filter(pk__in=keys, person__volunteer__isnull=False)
    return credentials.values_list("pk", "person__volunteer__province_code")


def _of_training(keys: _Keys) -> _Provinces:
    records = TrainingRecord.objects.filter(pk__in=keys, person__volunteer__isnull=False)
    return records.values_list("pk", "person__volunteer__province_code")


def _of_needs(keys: _Keys) -> _Provinces:
    return Need.objects.filter(pk__in=keys).values_list("pk", "province_code")


def _of_offers(keys: _Keys) -> _Provinces:
    offers = Offer.objects.filter(pk__in=keys)
    return offers.values_list("pk", "need_line__need__province_code")


def _of_assignments(keys: _Keys) -> _Provinces:
    assignments = Assignment.objects.filter(pk__in=keys)
    return assignments.values_list("pk", "offer__need_line__need__province_code")


def _of_organizations(keys: _Keys) -> _Provinces:
    needs = Need.objects.filter(status=NeedStatus.OPEN, intermediary__organization_id__in=keys)
    return needs.values_list("intermediary__organization_id", "province_code").distinct()


# What changes who may be placed where; an answer "yes" keeps what the plan holds already.
_PROVINCES_OF: Final[Mapping[str, Callable[[_Keys], _Provinces]]] = {
    "needs.need_closed": _of_needs,
    "needs.need_opened": _of_needs,
    "organizations.status_set": _of_organizations,
    "people.consent_given": _of_volunteers,
    "people.consent_withdrawn": _of_volunteers,
    "people.person_merged": _of_volunteers,
    "people.profile_changed": _of_volunteers,
    "people.training_recorded": _of_training,
    "people.vetting_recorded": _of_credentials,
    "people.volunteer_paused": _of_volunteers,
    "people.volunteer_registered": _of_volunteers,
    "people.volunteer_resumed": _of_volunteers,
    "service.assignment_ended": _of_assignments,
    "service.offer_declined": _of_offers,
    "service.offer_expired": _of_offers,
    "service.offer_withdrawn": _of_offers,
}
