"""A world with people who can be asked, and the steps of the flow one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.needs.models import NeedLine
from salam.people.enums import ConsentPurpose
from salam.service.actions import (
    Confirmation,
    NewOffer,
    accept_offer,
    confirm_hours,
    open_offer,
    report_session,
)
from salam.service.models import Assignment, Hours, Offer, Session
from salam.timebank.actions import ensure_service_hours_bank
from tests.cast import NOW
from tests.matching.worlds import OPERATOR, World

WEEK = timedelta(days=7)
AGREED = frozenset({ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES})


@dataclass
class ServiceWorld(World):
    """One volunteer and one need with one line, unless more are made."""

    person_id: int = field(init=False)
    need_id: int = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        ensure_service_hours_bank(actor=OPERATOR, now=NOW)
        self.person_id = self.volunteer(consents=AGREED)
        self.need_id = self.need()

    @property
    def line(self) -> NeedLine:
        return NeedLine.objects.get(need_id=self.need_id)

    @property
    def volunteer_actor(self) -> Actor:
        return self.actor(self.person_id)

    @property
    def officer(self) -> Actor:
        return self.actor(self.cast.officer.pk)

    @property
    def national(self) -> Actor:
        return self.actor(self.cast.national.pk)

    def actor(self, person_id: int, *, at: datetime = NOW) -> Actor:
        return actor_for(person_id=person_id, at=at)

    def offer(self, *, person_id: int | None = None, line: NeedLine | None = None) -> Offer:
        return open_offer(
            actor=OPERATOR,
            offer=NewOffer(
                person_id=person_id or self.person_id,
                need_line_id=(line or self.line).pk,
                origin="proposal:1",
                distance_100m=12,
            ),
            now=NOW,
        )

    def assignment(self) -> Assignment:
        offer = self.offer()
        return accept_offer(actor=self.volunteer_actor, offer_id=offer.public_id, now=NOW)

    def session(self) -> Session:
        return Session.objects.get(assignment=self.assignment())

    def reported(self, *, duration_minutes: int = 150) -> Session:
        session = self.session()
        return report_session(
            actor=self.volunteer_actor,
            session_id=session.public_id,
            duration_minutes=duration_minutes,
            now=NOW + WEEK,
        )

    def confirmed(self, *, duration_minutes: int = 150) -> Hours:
        session = self.reported(duration_minutes=duration_minutes)
        return confirm_hours(
            actor=self.officer,
            confirmations=[
                Confirmation(session_id=session.public_id, duration_minutes=duration_minutes),
            ],
            now=NOW + WEEK,
        )[0]
