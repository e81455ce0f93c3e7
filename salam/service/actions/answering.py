"""Yes or no: what the volunteer answers, and what happens to an offer that nobody answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.access.actions import give_contact_grant, withdraw_contact_grants
from salam.access.actions.contacts import CONTACT_GRANT_MAX
from salam.core.actors import Actor
from salam.core.dates import TEHRAN, local_day
from salam.core.errors import DomainError
from salam.core.events import NewEvent, record_event, record_events
from salam.needs.enums import NeedStatus
from salam.needs.models import NeedLine
from salam.needs.timing import next_day
from salam.organizations.queries import is_usable_intermediary
from salam.people.actions import give_consent
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.queries import (
    MatchableObstacle,
    canonical_person_id,
    last_word_by_purpose,
    matchable_obstacle,
    records_of_person,
)
from salam.service.actions.locking import locked_offer
from salam.service.actions.sessions import plan_next_session
from salam.service.enums import AssignmentStatus, DeclineReason, OfferStatus
from salam.service.models import Assignment, Offer
from salam.service.permissions import Move, after, require_move, subject_of_offer

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

# What the officer may use the number for; it stands in every look's trace.
CONTACT_PURPOSE: Final = "arrange_service"

# A person in one of these cannot say yes at the moment, and reads what to do; the others (no skill
# on the list any more, a week made shorter) still mean a yes that is given now.
_AGREE_FIRST: Final = gettext_lazy(
    "برای پذیرفتن، نخست در «رضایت‌هایم» به پیشنهاد گرفتن رضایت بدهید.",
)
_SILENCED: Final[Mapping[MatchableObstacle, StrOrPromise]] = {
    MatchableObstacle.UNKNOWN: _AGREE_FIRST,
    MatchableObstacle.NO_CONSENT: _AGREE_FIRST,
    MatchableObstacle.NOT_ACTIVE: gettext_lazy(
        "اکنون در استراحت هستید. در صفحهٔ خودتان استراحت را پایان دهید و بعد بپذیرید.",
    ),
    MatchableObstacle.NO_BIRTH_DATE: gettext_lazy(
        "تاریخ تولدتان ثبت نشده است و بی آن نمی‌شود پذیرفت.",
    ),
    MatchableObstacle.NO_GUARDIAN: gettext_lazy(
        "تا ۱۸ سالگی، پیش از پذیرفتن رضایت سرپرست شما لازم است.",
    ),
}


class OfferGone(DomainError):
    """The offer can no longer be accepted, through nobody's fault."""

    code = "offer_gone"


def accept_offer(*, actor: Actor, offer_id: UUID, now: datetime) -> Assignment:
    """Say yes: the assignment begins, its first session is planned, the intermediary may call.

    A second press of the button gives the same assignment. Accepting is the consent to be called by
    this one intermediary until the assignment ends, and is recorded as such. Writes Events. Raises
    OfferGone (too late, need closed, institution suspended), MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        offer = locked_offer(public_id=offer_id)
        subject = subject_of_offer(offer=offer)
        if offer.status == OfferStatus.ACCEPTED and actor.person_id in subject.person_ids:
            return Assignment.objects.get(offer=offer)
        target = require_move(actor=actor, move=Move.ACCEPT, subject=subject)
        _require_still_wanted(offer, now)
        person_id = canonical_person_id(person_id=offer.person_id)
        offer.status = target
        offer.answered_at = now
        offer.save(update_fields=["status", "answered_at"])
        _close_what_was_taken_back(person_id=person_id, now=now)
        give_consent(
            actor=actor,
            person_id=person_id,
            purpose=ConsentPurpose.CONTACT,
            channel=RegistrationChannel.ONLINE,
            now=now,
        )
        assignment = _begin(offer, person_id=person_id, now=now)
        plan_next_session(assignment=assignment, now=now)
        record_event(
            kind="service.offer_accepted",
            subject_type="service.Offer",
            subject_id=offer.pk,
            actor_id=actor.person_id,
            payload={
                "assignment_id": assignment.pk,
                "organization_id": offer.organization_id,
                "need_line_id": offer.need_line_id,
            },
        )
    return assignment


def decline_offer(
    *,
    actor: Actor,
    offer_id: UUID,
    reason: DeclineReason,
    now: datetime,
) -> Offer:
    """Say no; this need is not offered to the person again. Writes an Event.

    A second press of the button changes nothing. Raises MoveNotPossible, PermissionRefused.
    """
    with transaction.atomic():
        offer = locked_offer(public_id=offer_id)
        subject = subject_of_offer(offer=offer)
        if offer.status == OfferStatus.DECLINED and actor.person_id in subject.person_ids:
            return offer
        target = require_move(actor=actor, move=Move.DECLINE, subject=subject)
        offer.status = target
        offer.decline_reason = reason
        offer.answered_at = now
        offer.save(update_fields=["status", "decline_reason", "answered_at"])
        record_event(
            kind="service.offer_declined",
            subject_type="service.Offer",
            subject_id=offer.pk,
            actor_id=actor.person_id,
            payload={"need_line_id": offer.need_line_id, "reason": reason.value},
        )
    return offer


def withdraw_offer(*, actor: Actor, offer_id: UUID, now: datetime) -> Offer:
    """Take an unanswered offer back. Writes an Event. Raises MoveNotPossible, PermissionRefused."""
    with transaction.atomic():
        offer = locked_offer(public_id=offer_id)
        target = require_move(
            actor=actor,
            move=Move.WITHDRAW,
            subject=subject_of_offer(offer=offer),
        )
        offer.status = target
        offer.answered_at = now
        offer.save(update_fields=["status", "answered_at"])
        record_event(
            kind="service.offer_withdrawn",
            subject_type="service.Offer",
            subject_id=offer.pk,
            actor_id=actor.person_id,
            payload={"need_line_id": offer.need_line_id},
        )
    return offer


def expire_offers(*, now: datetime, limit: int = 1000) -> int:
    """Let go of the seats of offers whose time is over; returns how many. Writes Events.

    No answer is no fault: the person stays as free to be asked as before.
    """
    with transaction.atomic():
        due = (
            Offer.objects.select_for_update(skip_locked=True)
            .filter(status=OfferStatus.OPEN, answer_by__lte=now)
            .order_by("pk")[:limit]
        )
        offers = list(due)
        target = after(move=Move.EXPIRE, state=OfferStatus.OPEN)
        Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(status=target)
        record_events(
            events=[
                NewEvent(
                    "service.offer_expired",
                    "service.Offer",
                    offer.pk,
                    {"need_line_id": offer.need_line_id},
                )
                for offer in offers
            ],
            actor_id=None,
        )
    return len(offers)


def _require_still_wanted(offer: Offer, now: datetime) -> None:
    if offer.answer_by <= now:
        raise OfferGone(_("مهلت پاسخ به این پیشنهاد گذشته است؛ پیشنهاد بعدی را برایتان می‌فرستیم."))
    if offer.need_line.need.status != NeedStatus.OPEN:
        raise OfferGone(_("این نیاز در این فاصله برطرف شد. سپاس که آماده بودید."))
    if next_day(offer.need_line, half_day=offer.half_day, after=local_day(now)) is None:
        raise OfferGone(_("روزهای این نیاز در این فاصله گذشت. سپاس که آماده بودید."))
    if not is_usable_intermediary(organization=offer.organization):
        raise OfferGone(
            _("مؤسسهٔ واسط اکنون نمی‌تواند با شما تماس بگیرد؛ پیشنهاد تا پایان مهلتش می‌ماند.")
        )
    obstacle = matchable_obstacle(
        person_id=canonical_person_id(person_id=offer.person_id),
        on=local_day(now),
    )
    if obstacle is not None and obstacle in _SILENCED:
        # Somebody resting has consented; who withdrew matching is not active either.
        is_agreed = last_word_by_purpose(
            person_ids=records_of_person(person_id=offer.person_id),
        ).get(ConsentPurpose.MATCHING, False)
        raise OfferGone(_SILENCED[obstacle] if is_agreed else _AGREE_FIRST)


def _close_what_was_taken_back(*, person_id: int, now: datetime) -> None:
    """A yes to one institution gives no other one back the number that was taken from it."""
    records = records_of_person(person_id=person_id)
    if last_word_by_purpose(person_ids=records).get(ConsentPurpose.CONTACT, True):
        return
    running = Assignment.objects.filter(person_id__in=records, ended_at__isnull=True)
    for assignment in running:
        withdraw_contact_grants(origin=assignment.contact_origin, now=now)


def _begin(offer: Offer, *, person_id: int, now: datetime) -> Assignment:
    assignment = Assignment.objects.create(
        offer=offer,
        person_id=person_id,
        organization_id=offer.organization_id,
        # The institution that brokers also receives, until posts have hosts of their own.
        host_id=offer.organization_id,
        province_code=offer.province_code,
        status=AssignmentStatus.ACTIVE,
        started_at=now,
        ends_at=_end_of(offer.need_line, now=now),
    )
    let_call(assignment=assignment, now=now)
    return assignment


def _end_of(line: NeedLine, *, now: datetime) -> datetime:
    """The last instant of an assignment that begins now: of its term, or of the line's window."""
    term = now + CONTACT_GRANT_MAX
    if line.ends_on is None:
        return term
    return min(term, datetime.combine(line.ends_on, time.max, TEHRAN))


def let_call(*, assignment: Assignment, now: datetime) -> None:
    """The intermediary may see the volunteer's number until the assignment ends."""
    give_contact_grant(
        organization_id=assignment.organization_id,
        person_id=assignment.person_id,
        purpose=CONTACT_PURPOSE,
        origin=assignment.contact_origin,
        now=now,
        valid_until=assignment.ends_at,
    )
