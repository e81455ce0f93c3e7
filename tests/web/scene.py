"""As whom the pages are visited, and the little world that their addresses speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID

from django.test import Client
from django.utils import timezone

from salam.access.queries import actor_for
from salam.core.dates import local_day
from salam.matching.models import Proposal, Run
from salam.messaging.enums import Failure, MessageStatus
from salam.messaging.models import Message
from salam.needs.models import Need, NeedLine
from salam.people.codes import code_of, normalise_code
from salam.people.models import Person
from salam.service.actions import NewOffer, accept_offer, open_offer
from salam.service.enums import AssignmentStatus, OfferStatus, SessionStatus
from salam.service.messages import OFFER_WAITING
from salam.service.models import Assignment, Offer, Session
from tests.cast import DAY, NOW, Cast
from tests.job_stage import finished
from tests.matching.worlds import OPERATOR, World
from tests.web.test_web_public import filled_world


class Visitor(StrEnum):
    """As whom a page is visited; each but the stranger is somebody of the cast."""

    STRANGER = "stranger"
    RESIDENT = "resident"
    OUTSIDER = "outsider"
    FACILITATOR = "facilitator"
    FACILITATOR_ELSEWHERE = "facilitator_elsewhere"
    COORDINATOR = "coordinator"
    HQ = "hq"
    OFFICER = "officer"
    OTHER_OFFICER = "other_officer"
    CENTRE_MANAGER = "centre_manager"
    AGENCY_READER = "agency_reader"


_STAFF: Final = frozenset(
    {*Visitor} - {Visitor.STRANGER, Visitor.RESIDENT, Visitor.OUTSIDER},
)


@dataclass
class Scene:
    """What the addresses speak of: a small world with needs, a run, figures and the cast."""

    world: World = field(default_factory=filled_world)

    @property
    def run_id(self) -> int:
        """The run that the world ends with, under review."""
        return Run.objects.order_by("-pk").values_list("pk", flat=True)[0]

    @property
    def proposal_id(self) -> int:
        """The first proposal of that run."""
        proposals = Proposal.objects.filter(run_id=self.run_id).order_by("pk")
        return proposals.values_list("pk", flat=True)[0]

    @property
    def need_id(self) -> UUID:
        """The first need of the world, as addresses name it."""
        return Need.objects.order_by("pk").values_list("public_id", flat=True)[0]

    @property
    def volunteer_code(self) -> str:
        """What somebody of the world whom that run proposes reads out."""
        person = Proposal.objects.get(pk=self.proposal_id).person
        return normalise_code(code_of(public_id=person.public_id))

    @cached_property
    def assignment(self) -> Assignment:
        """Somebody who said yes to a need of their own; made when a page asks for it."""
        person_id = self.world.volunteer()
        line = NeedLine.objects.get(need_id=self.world.need())
        offer = open_offer(
            actor=OPERATOR,
            offer=NewOffer(person_id=person_id, need_line_id=line.pk, origin="proposal:1"),
            now=NOW,
        )
        actor = actor_for(person_id=person_id, at=NOW)
        return accept_offer(actor=actor, offer_id=offer.public_id, now=NOW)

    @property
    def session_id(self) -> UUID:
        """The first session of that assignment."""
        return self.assignment.sessions.order_by("pk").values_list("public_id", flat=True)[0]

    @cached_property
    def failed_job_id(self) -> int:
        """A job that failed."""
        return finished(
            status="failed",
            at=timezone.now(),
            task="needs.close_passed",
            error="builtins.KeyError",
        )

    @property
    def cast(self) -> Cast:
        return self.world.cast

    def person(self, visitor: Visitor) -> Person | None:
        people = {
            Visitor.RESIDENT: self.cast.volunteer,
            Visitor.OUTSIDER: self.cast.outsider,
            Visitor.FACILITATOR: self.cast.facilitator_here,
            Visitor.FACILITATOR_ELSEWHERE: self.cast.facilitator_elsewhere,
            Visitor.COORDINATOR: self.cast.coordinator_above,
            Visitor.HQ: self.cast.national,
            Visitor.OFFICER: self.cast.officer,
            Visitor.OTHER_OFFICER: self.cast.other_officer,
            Visitor.CENTRE_MANAGER: self.cast.centre_manager,
            Visitor.AGENCY_READER: self.cast.agency_reader,
        }
        return people.get(visitor)

    @cached_property
    def own_offer(self) -> Offer:
        """What the resident is asked now."""
        return self._offered(half_day=0, status=OfferStatus.OPEN)

    @cached_property
    def own_assignment(self) -> Assignment:
        """What the resident once said yes to."""
        offer = self._offered(half_day=1, status=OfferStatus.ACCEPTED)
        return Assignment.objects.create(
            offer=offer,
            person=offer.person,
            organization=offer.organization,
            host=offer.organization,
            province_code=offer.province_code,
            status=AssignmentStatus.ACTIVE,
            started_at=offer.opened_at,
            ends_at=offer.opened_at + 30 * DAY,
        )

    @cached_property
    def failed_message(self) -> Message:
        """One that the gateway did not take; made when a page asks for it."""
        now = timezone.now()
        return Message.objects.create(
            person=self.cast.volunteer,
            template=OFFER_WAITING.code,
            purpose=OFFER_WAITING.purpose,
            status=MessageStatus.FAILED,
            attempts=5,
            queued_at=now,
            due_at=now,
            claimed_at=now,
            error_code=Failure.CREDIT,
        )

    @cached_property
    def own_session(self) -> Session:
        """A date of it that has come."""
        return Session.objects.create(
            assignment=self.own_assignment,
            happens_on=local_day(timezone.now()),
            province_code=self.own_assignment.province_code,
            status=SessionStatus.PLANNED,
        )

    def _offered(self, *, half_day: int, status: OfferStatus) -> Offer:
        line = NeedLine.objects.select_related("need__intermediary__organization").first()
        assert line is not None
        now = timezone.now()
        return Offer.objects.create(
            person=self.cast.volunteer,
            need_line=line,
            half_day=half_day,
            organization=line.need.intermediary.organization,
            province_code=line.need.province_code,
            origin="proposal:1",
            distance_100m=12,
            status=status,
            opened_at=now - DAY,
            answer_by=now + DAY,
            answered_at=None if status == OfferStatus.OPEN else now,
        )

    def client(self, visitor: Visitor) -> Client:
        """Django's test client, logged in as the visitor, staff with their second factor."""
        client = Client(raise_request_exception=False)
        person = self.person(visitor)
        if person is not None:
            from tests.web.login import log_in

            log_in(client, person, second_factor=visitor in _STAFF)
        return client

    def cookies(self, visitor: Visitor) -> list[dict[str, str]]:
        """Cookies of a browser that is logged in as the visitor."""
        person = self.person(visitor)
        if person is None:
            return []
        from tests.web.login import session_cookie

        return [session_cookie(person, second_factor=visitor in _STAFF)]
