"""Going through the door as a visitor does; the file gateway holds the codes."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from salam.access.queries import authenticator_code, login_of
from salam.access.sealing import Purpose, seal_text
from salam.people.models import Person
from tests.web.login import login_for

PHONE = "+989125550101"
OTHER_PHONE = "+989125550102"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def ask(client: Client, phone: str = PHONE, **data: Any) -> HttpResponse:
    return client.post("/login/", {"phone": phone, **data})


def outbox() -> list[dict[str, str]]:
    path = Path(settings.SALAM_HOME) / "outbox" / "sms.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def last_code() -> str:
    found = re.search(r"[0-9]{6}", outbox()[-1]["text"])
    assert found
    return found[0]


def wrong_code() -> str:
    return f"{(int(last_code()) + 1) % 1_000_000:06d}"


def enter(client: Client, phone: str = PHONE) -> HttpResponse:
    """Number and code; the answer is where one is sent next."""
    ask(client, phone)
    return client.post("/login/code/", {"code": last_code()})


def is_logged_in(client: Client) -> bool:
    return client.get("/me/security/").status_code == 200


def give_app(person: Person) -> None:
    """A second factor as if the person had set up an authenticator app with SECRET."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(
        user=login_for(person),
        type=Authenticator.Type.TOTP,
        data={"secret": seal_text(Purpose.SECOND_FACTOR, SECRET)},
    )


def app_code(at: datetime) -> str:
    return authenticator_code(secret=SECRET, at=at)


def set_pin_of(person: Person, pin: str) -> None:
    login = login_for(person)
    login.set_password(pin)
    login.save()
    assert login_of(person_id=person.pk) == login
