"""Reading offers, assignments, sessions and hours: for their owner, for an office, as counts."""

from salam.service.queries.counts import (
    ServiceTotals,
    accepted_counts_by_place,
    confirmed_minutes_by_place,
    service_totals,
)
from salam.service.queries.holding import PlaceHeld, answered_no, held_on_person, places_held
from salam.service.queries.offices import (
    AssignmentPage,
    Office,
    OfficeQueue,
    get_assignment_for,
    get_offer_for,
    get_session_for,
    list_assignments_for,
    list_offers_for,
    list_sessions_for,
    office_queue,
    offices_of,
    with_confirmed_minutes,
    with_next_day,
)
from salam.service.queries.outcomes import NeedOutcome, need_outcome, with_people_found
from salam.service.queries.own import (
    OfferView,
    OwnService,
    SessionView,
    get_own_assignment,
    get_own_offer,
    get_own_session,
    own_service,
)

__all__ = [
    "AssignmentPage",
    "NeedOutcome",
    "OfferView",
    "Office",
    "OfficeQueue",
    "OwnService",
    "PlaceHeld",
    "ServiceTotals",
    "SessionView",
    "accepted_counts_by_place",
    "answered_no",
    "confirmed_minutes_by_place",
    "get_assignment_for",
    "get_offer_for",
    "get_own_assignment",
    "get_own_offer",
    "get_own_session",
    "get_session_for",
    "held_on_person",
    "list_assignments_for",
    "list_offers_for",
    "list_sessions_for",
    "need_outcome",
    "office_queue",
    "offices_of",
    "own_service",
    "places_held",
    "service_totals",
    "with_confirmed_minutes",
    "with_next_day",
    "with_people_found",
]
