"""Who of those who registered with the proved phone it is: a step of the log-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.stages import LoginStage
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from salam.access.actions import login_for_person
from salam.access.queries import PersonAtPhone, people_at_phone
from salam.core.errors import PermissionRefused

if TYPE_CHECKING:
    from salam.access.models import Login

# With more, the number is a clerk's or a mistake: no list of names is shown to whoever holds it.
SHARERS_MAX: Final = 12
# Set by somebody registered whose relative wants to register with the same phone.
ANOTHER_COMES: Final = "salam_another_comes"


class WhoStage(LoginStage):
    """The login so far is the phone's own; here it becomes that of a person, or stays."""

    key = "salam_who"
    urlname = "account_who"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Go on where there is nothing to ask, else show the page that asks."""
        if self.login.user.person_id is not None:
            return None, True
        people = self.people()
        if not people:
            return None, True
        [first, *others] = people
        if not others and not first.has_pin and not self.request.session.get(ANOTHER_COMES):
            self.become(first)
            return None, True
        return HttpResponseRedirect(reverse(self.urlname)), True

    def people(self) -> list[PersonAtPhone]:
        """Those who registered with the phone that was proved a moment ago."""
        return people_at_phone(phone=self.phone)

    @property
    def phone(self) -> str:
        """The proved phone, as the code's own step recorded it in the sealed session."""
        records = get_authentication_records(self.request, self.login.user)
        phone: str = next(record["phone"] for record in records if record["method"] == "code")
        return phone

    def become(self, person: PersonAtPhone, *, with_pin: bool = False) -> Login:
        """Go on as this person. With that the phone leaves the session."""
        chosen = self.login_for(person)
        if not chosen.is_active:
            raise PermissionRefused
        self.request.session.pop(ANOTHER_COMES, None)
        self.login.user = chosen
        record_authentication(self.request, chosen, method="code")
        if with_pin:
            record_authentication(self.request, chosen, method="password", reauthenticated=True)
        return chosen

    def login_for(self, person: PersonAtPhone) -> Login:
        """The login of one of them; made when it is first needed."""
        return login_for_person(
            phone=self.phone,
            person_id=person.person_id,
            now=timezone.now(),
        )
