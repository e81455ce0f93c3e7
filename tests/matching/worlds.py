"""A little world to match in: volunteers around two neighbourhoods, needs with an intermediary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from salam.core.actors import ConsoleOperator
from salam.matching.actions import run_matching
from salam.matching.models import Run
from salam.needs.actions import NewLine, open_need
from salam.needs.enums import Urgency
from salam.organizations.models import Intermediary
from salam.people.actions import VolunteerIntake, load_catalogue, register_volunteers
from salam.people.enums import ConsentPurpose, Gender, RegistrationChannel, VettingTier
from salam.places.enums import PlaceKind
from salam.places.models import Place
from tests.cast import NOW, Cast, make_cast, make_place

STORYTELLING = 1 << 1
COMPANION = 1 << 2
SATURDAY_MORNING, SATURDAY_AFTERNOON, SUNDAY_MORNING = 0, 1, 2
OPERATOR = ConsoleOperator()
_serials = count(1)


@dataclass
class World:
    cast: Cast = field(default_factory=make_cast)

    def __post_init__(self) -> None:
        load_catalogue(actor=OPERATOR)

    @property
    def here(self) -> Place:
        return self.cast.places.here

    @property
    def intermediary(self) -> Intermediary:
        return Intermediary.objects.get(organization=self.cast.offices.intermediary)

    def set_seats(self, seats: int) -> None:
        Intermediary.objects.filter(pk=self.intermediary.pk).update(seats_weekly=seats)

    def neighbourhood_north(self, degrees: float) -> Place:
        """Another neighbourhood of the same city, so far to the north (0.01° are 1.1 km)."""
        place = make_place(
            kind=PlaceKind.NEIGHBOURHOOD,
            code=f"231001n{100 + next(_serials)}",
            name="شمالی",
            parent=self.cast.places.city,
        )
        place.latitude = self.here.latitude + degrees
        place.longitude = self.here.longitude
        place.save()
        return place

    def volunteer(self, **changes: object) -> int:
        """Registers one volunteer, matchable unless the changes say otherwise; returns the
        person's id.
        """
        serial = next(_serials)
        values: dict[str, object] = {
            "given_name": "سارا",
            "family_name": "یکتا",
            "phone": f"+98999{serial:07d}",
            "birth_date": date(1990, 5, 1),
            "gender": Gender.FEMALE,
            "home_place_id": self.here.pk,
            "home_province_code": self.here.province_code,
            "skill_bits": STORYTELLING,
            "half_day_bits": 1 << SATURDAY_MORNING,
            "weekly_half_days": 2,
            "radius_m": 5_000,
            "consents": frozenset({ConsentPurpose.MATCHING}),
        }
        values.update(changes)
        if values.get("vetting_tier"):
            values["vetting_issued_on"] = date(2026, 1, 1)
            values["vetting_expires_on"] = date(2027, 1, 1)
        outcomes = register_volunteers(
            actor=OPERATOR,
            intakes=[VolunteerIntake(**values)],  # type: ignore[arg-type]
            channel=RegistrationChannel.FILE,
            now=NOW,
        )
        return outcomes[0].person_id

    def need(
        self,
        *lines: NewLine,
        place: Place | None = None,
        urgency: Urgency = Urgency.SOON,
        title: str = "قصه‌گویی در کتابخانه",
    ) -> int:
        """Opens one need and returns its id; without lines, one storyteller on Saturday morning."""
        chosen = lines or (NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING),)
        need = open_need(
            actor=OPERATOR,
            title=title,
            what="برای بچه‌های کتابخانه قصه بگویید.",
            why="",
            place_id=(place or self.here).pk,
            urgency=urgency,
            people_served=20,
            intermediary_id=self.intermediary.pk,
            lines=list(chosen),
            now=NOW,
        )
        return need if isinstance(need, int) else need.pk


VETTED = VettingTier.UNSUPERVISED


def stored_run(place_code: str = "ir") -> Run:
    """A run over a place as it was stored."""
    outcome = run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0, place_code=place_code)
    return Run.objects.select_related("place").get(pk=outcome.run_id)
