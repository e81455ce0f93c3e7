"""What happens below this room and changes what it promised: read from the Event outbox.

The actions look at the same facts at the moment of use, so nothing wrong can be done in between;
this clears away what can no longer come to anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.db.models import Q, QuerySet

from salam.core.events import NewEvent, read_events, record_events
from salam.core.models import Event
from salam.organizations.enums import OrganizationStatus
from salam.people.enums import ConsentPurpose
from salam.people.queries import records_of_person
from salam.service.actions.ending import lapse
from salam.service.enums import AssignmentStatus, EndReason, OfferStatus
from salam.service.models import Assignment, Offer
from salam.service.permissions import Move, after

CURSOR: Final = "service"
# Without these nobody may be matched; the consent to be called is looked at when somebody looks.
_NEEDED_CONSENTS: Final = frozenset({ConsentPurpose.MATCHING.value, ConsentPurpose.GUARDIAN.value})


def follow_events(*, now: datetime, limit: int = 500) -> int:
    """Handle the next events of lower rooms; returns how many there were.

    Idempotent: what is over stays over, so an event handled twice changes nothing.
    """
    return read_events(
        cursor_name=CURSOR,
        handle=partial(_handle, now=now),
        kinds=_HANDLERS,
        limit=limit,
    )


def let_go(
    *,
    offers: QuerySet[Offer],
    assignments: QuerySet[Assignment],
    reason: EndReason,
    now: datetime,
) -> None:
    """Take back what is unanswered and end what is in progress. Writes Events. For this room."""
    unanswered = offers.filter(status=OfferStatus.OPEN).select_for_update(of=("self",))
    keys = list(unanswered.order_by("pk").values_list("pk", flat=True))
    Offer.objects.filter(pk__in=keys).update(
        status=after(move=Move.WITHDRAW, state=OfferStatus.OPEN),
        answered_at=now,
    )
    record_events(
        events=[
            NewEvent("service.offer_withdrawn", "service.Offer", key, {"reason": reason.value})
            for key in keys
        ],
        actor_id=None,
    )
    running = assignments.exclude(status=AssignmentStatus.ENDED).order_by("pk")
    for public_id in running.values_list("public_id", flat=True):
        lapse(assignment_id=public_id, reason=reason, now=now)


def _handle(events: Sequence[Event], *, now: datetime) -> None:
    for event in events:
        _HANDLERS[event.kind](event, now)


def _need_closed(event: Event, now: datetime) -> None:
    let_go(
        offers=Offer.objects.filter(need_line__need_id=event.subject_id),
        assignments=Assignment.objects.filter(offer__need_line__need_id=event.subject_id),
        reason=EndReason.NEED_CLOSED,
        now=now,
    )


def _consent_withdrawn(event: Event, now: datetime) -> None:
    if event.payload["purpose"] not in _NEEDED_CONSENTS:
        return
    own = Q(person_id__in=records_of_person(person_id=event.subject_id))
    let_go(
        offers=Offer.objects.filter(own, opened_at__lt=event.occurred_at),
        assignments=Assignment.objects.filter(own, started_at__lt=event.occurred_at),
        reason=EndReason.CONSENT_WITHDRAWN,
        now=now,
    )


def _status_set(event: Event, now: datetime) -> None:
    """A closed institution never opens again; a suspended one may, and its offers wait."""
    if event.payload["after"] != OrganizationStatus.CLOSED:
        return
    let_go(
        offers=Offer.objects.filter(organization_id=event.subject_id),
        assignments=Assignment.objects.filter(
            Q(organization_id=event.subject_id) | Q(host_id=event.subject_id),
        ),
        reason=EndReason.HOST_CLOSED,
        now=now,
    )


_HANDLERS: Final[Mapping[str, Callable[[Event, datetime], None]]] = {
    "needs.need_closed": _need_closed,
    "organizations.status_set": _status_set,
    "people.consent_withdrawn": _consent_withdrawn,
}
