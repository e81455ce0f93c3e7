"""Templates of the tests, people with numbers, and gateways that tell what they were given."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from salam.messaging.actions import queue_message
from salam.messaging.gateways import GatewayFailed, Receipt
from salam.messaging.models import Message
from salam.messaging.registry import MessageTemplate, register_template
from salam.people.models import Person
from salam.people.vault.actions import VaultInput, store_entries
from salam.people.vault.enums import VaultKind
from tests.cast import NOW, make_person

PLAIN = MessageTemplate("testing.something_waits", "چیزی در سلام منتظر شماست.", "testing")
FILLED = MessageTemplate(
    "testing.things_wait",
    "%(count)s چیز در سلام منتظر شماست. کد: %(code)s",
    "testing",
    ("count", "code"),
)


@dataclass
class RecordingGateway:
    """Keeps what it is given; ``before`` runs first and may fail or die."""

    reaches_people: bool = False
    before: Callable[[str], None] | None = None
    name: str = "recording"
    given: list[tuple[str, str]] = field(default_factory=list)

    def send(self, *, phone: str, text: str) -> Receipt:
        if self.before is not None:
            self.before(phone)
        self.given.append((phone, text))
        return Receipt(reference=f"r{len(self.given)}")

    @property
    def phones(self) -> list[str]:
        return [phone for phone, _ in self.given]


def refuse(phone: str) -> None:
    """What a gateway out of order does."""
    del phone
    raise GatewayFailed("busy")


def register() -> None:
    register_template(PLAIN)
    register_template(FILLED)


def phone_of(number: int) -> str:
    return f"+98912000{number:04d}"


def reachable(*numbers: int) -> list[Person]:
    """People with a number each, ``phone_of(number)``."""
    people = [make_person() for _ in numbers]
    with transaction.atomic():
        store_entries(
            entries=[
                VaultInput(person.pk, VaultKind.PHONE, phone_of(number))
                for person, number in zip(people, numbers, strict=True)
            ],
        )
    return people


def queue_for(person: Person, *, now: datetime = NOW) -> Message:
    with transaction.atomic():
        return queue_message(person_id=person.pk, template=PLAIN.code, now=now)


def lines_of(home: Path) -> list[dict[str, str]]:
    """What the file gateway wrote."""
    written = (home / "outbox" / "sms.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in written.splitlines()]
