"""Made-up people on their way in. Serial numbers keep them apart."""

from __future__ import annotations

from datetime import date
from itertools import count

from salam.core.actors import ConsoleOperator
from salam.people.actions import IntakeOutcome, VolunteerIntake, register_volunteers
from salam.people.enums import ConsentPurpose, RegistrationChannel
from salam.people.models import Person
from salam.places.models import Place
from tests.cast import NOW

OPERATOR = ConsoleOperator()
FULL_CONSENT = frozenset(
    {ConsentPurpose.MATCHING, ConsentPurpose.MESSAGES, ConsentPurpose.CONTACT},
)
STORYTELLING = 1 << 1
SATURDAY_MORNING = 1
_serials = count(1)


def made_up_national_id(serial: int) -> str:
    """Passes the check digit, under the prefix 000, which no registry office issues."""
    digits = f"000{serial:06d}"
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{remainder if remainder < 2 else 11 - remainder}"


def new_intake(home: Place, **changes: object) -> VolunteerIntake:
    """An adult who consents, has a skill and a free morning; ``changes`` replace single fields."""
    serial = next(_serials)
    values: dict[str, object] = {
        "given_name": "مریم",
        "family_name": "رضایی",
        "phone": f"+98912{serial:07d}",
        "national_id": made_up_national_id(serial),
        "birth_date": date(1985, 5, 23),
        "home_place_id": home.pk,
        "home_province_code": home.province_code,
        "skill_bits": STORYTELLING,
        "area_bits": 1 << 1,
        "half_day_bits": SATURDAY_MORNING,
        "consents": FULL_CONSENT,
    }
    return VolunteerIntake(**(values | changes))  # type: ignore[arg-type]


def register(*intakes: VolunteerIntake) -> list[IntakeOutcome]:
    return register_volunteers(
        actor=OPERATOR,
        intakes=intakes,
        channel=RegistrationChannel.FILE,
        now=NOW,
    )


def registered(home: Place, **changes: object) -> Person:
    """Somebody who went through the door."""
    [outcome] = register(new_intake(home, **changes))
    return Person.objects.get(pk=outcome.person_id)
