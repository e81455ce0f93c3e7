"""An intermediary, a volunteer who may be called, and the officer who looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from django.db import transaction

from salam.access.actions import open_contact
from salam.access.models import ContactGrant, Disclosure
from salam.access.permissions import GrantedActor
from salam.access.queries import actor_for
from salam.core.actors import ConsoleOperator, Stranger
from salam.core.errors import PermissionRefused
from salam.people.vault.actions import VaultInput, ensure_key, store_entries
from salam.people.vault.enums import VaultKind
from tests.cast import NOW, Cast, make_cast, make_contact_grant

PHONE = "+989121234567"
NATIONAL_ID = "0013542419"
PURPOSE = "arrange_service"


@dataclass(frozen=True)
class Stage:
    cast: Cast
    grant: ContactGrant

    def look(
        self,
        *,
        field: VaultKind = VaultKind.PHONE,
        purpose: str = PURPOSE,
        at: datetime = NOW,
        actor: GrantedActor | ConsoleOperator | Stranger | None = None,
    ) -> str:
        """The officer of the intermediary looks, unless said otherwise."""
        return open_contact(
            actor=actor or actor_for(person_id=self.cast.officer.pk, at=NOW),
            contact_grant_id=self.grant.pk,
            field=field,
            purpose=purpose,
            now=at,
        )

    def is_refused(self, **changes: object) -> bool:
        """Whether a look is refused and leaves no trace."""
        before = Disclosure.objects.count()
        with pytest.raises(PermissionRefused):
            self.look(**changes)  # type: ignore[arg-type]
        return Disclosure.objects.count() == before


def make_stage() -> Stage:
    cast = make_cast()
    ensure_key()
    with transaction.atomic():
        store_entries(
            entries=[
                VaultInput(cast.volunteer.pk, VaultKind.PHONE, PHONE),
                VaultInput(cast.volunteer.pk, VaultKind.NATIONAL_ID, NATIONAL_ID),
                VaultInput(cast.volunteer.pk, VaultKind.ADDRESS, "ری، کوچهٔ سوم"),
            ],
        )
    return Stage(cast, make_contact_grant(cast.offices.intermediary, cast.volunteer))
