"""Everything that moves an offer, an assignment or a session, re-exported here."""

from salam.service.actions.answering import (
    CONTACT_PURPOSE,
    OfferGone,
    accept_offer,
    decline_offer,
    expire_offers,
    withdraw_offer,
)
from salam.service.actions.ending import (
    end_assignment,
    lapse_assignments,
    leave_assignment,
    pause_assignment,
    resume_assignment,
)
from salam.service.actions.following import follow_events
from salam.service.actions.hours import Confirmation, confirm_hours, reverse_hours
from salam.service.actions.offering import (
    ANSWER_WITHIN,
    NewOffer,
    OfferingOutcome,
    OfferNotPossible,
    Skipped,
    open_offer,
    open_offers,
)
from salam.service.actions.sessions import (
    SessionNotPossible,
    cancel_session,
    plan_session,
    report_session,
)

__all__ = [
    "ANSWER_WITHIN",
    "CONTACT_PURPOSE",
    "Confirmation",
    "NewOffer",
    "OfferGone",
    "OfferNotPossible",
    "OfferingOutcome",
    "SessionNotPossible",
    "Skipped",
    "accept_offer",
    "cancel_session",
    "confirm_hours",
    "decline_offer",
    "end_assignment",
    "expire_offers",
    "follow_events",
    "lapse_assignments",
    "leave_assignment",
    "open_offer",
    "open_offers",
    "pause_assignment",
    "plan_session",
    "report_session",
    "resume_assignment",
    "reverse_hours",
    "withdraw_offer",
]
