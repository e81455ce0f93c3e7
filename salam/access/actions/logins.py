"""Logins: made when they are first needed, protected by a PIN where a phone is shared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from salam.access.models import Login, new_session_seed
from salam.access.queries import (
    login_of,
    people_at_phone,
    phone_digest,
    phone_is_shared,
)
from salam.core.actors import Actor, Scope, require
from salam.core.dates import jalali_year
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.events import record_event
from salam.core.text import ascii_digits
from salam.core.verbs import Verb
from salam.people.actions.locking import locked_person
from salam.people.models import Person
from salam.people.queries import records_of_person

PIN_LENGTH_MIN: Final = 4
PIN_LENGTH_MAX: Final = 8
PIN_TRIES: Final = 5
PIN_LOCK: Final = timedelta(minutes=15)
PIN_LOCK_MAX: Final = timedelta(days=1)


class PinRefused(InvalidInput):
    """The PIN cannot be used: too short, or one that others would try first."""

    code = "pin_refused"


class PinLocked(DomainError):
    """Too many wrong tries; ``until`` says when the next is possible."""

    code = "pin_locked"

    def __init__(self, until: datetime) -> None:
        super().__init__(_("رمز شخصی چند بار اشتباه وارد شد. کمی صبر کنید و دوباره بنویسید."))
        self.until = until


class PinNeeded(DomainError):
    code = "pin_needed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "کس دیگری هم با این شماره ثبت‌نام کرده است، پس رمز شخصی لازم می‌ماند؛ "
                "می‌توانید عوضش کنید."
            )
        )


def login_for_phone(*, phone: str, now: datetime) -> Login:
    """The login of a phone itself, whoever holds it; made when it is first asked for.

    Everybody comes in through it, known or not, so that asking for a code is the same work for a
    phone that people registered with and for one that nobody did. Raises VaultKeyMissing.
    """
    login, _is_new = Login.objects.get_or_create(
        phone_digest=phone_digest(phone=phone),
        defaults={"created_at": now, "password": _no_pin()},
    )
    return login


def login_for_person(*, phone: str, person_id: int, now: datetime) -> Login:
    """The login of somebody who registered with this phone, which the caller has just proved.

    Raises PermissionRefused for anybody else, VaultKeyMissing.
    """
    if person_id not in {person.person_id for person in people_at_phone(phone=phone)}:
        raise PermissionRefused
    return _login_of(person_id, now)


def set_pin(*, actor: Actor, login_id: int, pin: str, now: datetime) -> Login:
    """Give one's own login a PIN, or another one; all its sessions end. Writes an Event.

    Raises PinRefused, PermissionRefused.
    """
    del now  # the Event has its own instant
    with transaction.atomic():
        login = _own_login(actor, login_id)
        chosen = ascii_digits(pin)
        _check_pin(chosen, _birth_dates(login))
        login.set_password(chosen)
        _forget_tries(login)
        _save(login, actor, "access.pin_set")
    return login


def remove_pin(*, actor: Actor, login_id: int, now: datetime) -> Login:
    """Take one's own PIN away; all sessions end. Writes an Event.

    Raises PinNeeded where others registered with the same phone, PermissionRefused.
    """
    del now  # the Event has its own instant
    with transaction.atomic():
        login = _own_login(actor, login_id)
        if login.person_id is not None and phone_is_shared(person_id=login.person_id):
            raise PinNeeded
        login.set_unusable_password()
        _forget_tries(login)
        _save(login, actor, "access.pin_removed")
    return login


def check_pin(*, login_id: int, pin: str, now: datetime) -> bool:
    """Whether the PIN is right. Five wrong ones lock it for a quarter of an hour, then for longer.

    Tries are counted under lock: sending many at once gains nothing. Raises PinLocked.
    """
    with transaction.atomic():
        login = Login.objects.select_for_update().get(pk=login_id)
        if login.pin_locked_until is not None and login.pin_locked_until > now:
            raise PinLocked(login.pin_locked_until)
        is_right = login.check_password(ascii_digits(pin))
        if is_right:
            _forget_tries(login)
        else:
            login.pin_failure_count += 1
            rounds, rest = divmod(login.pin_failure_count, PIN_TRIES)
            if rest == 0:
                login.pin_locked_until = now + min(PIN_LOCK * 2 ** min(rounds - 1, 8), PIN_LOCK_MAX)
        login.save(update_fields=["pin_failure_count", "pin_locked_until"])
    return is_right


def reset_pin(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Take away a forgotten PIN, after seeing the person at the desk; sessions end.

    Who may register people at the person's home may do it. At the next log-in from a shared phone
    the person chooses a new one. Writes an Event. Raises PermissionRefused.
    """
    del now  # the Event has its own instant
    with transaction.atomic():
        person = locked_person(person_id=person_id)
        _require_desk(actor, person)
        for login in _locked_logins(person.pk):
            login.set_unusable_password()
            _forget_tries(login)
            _save(login, actor, "access.pin_reset")


def reset_second_factor(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Take away lost second factors and end all sessions; who gives roles country-wide may do it.

    Writes an Event. Nobody resets their own. Raises PermissionRefused.
    """
    del now  # the Event has its own instant
    require(actor, Verb.GRANT_GIVE, Scope())
    with transaction.atomic():
        person = locked_person(person_id=person_id)
        if actor.person_id in records_of_person(person_id=person.pk):
            raise PermissionRefused
        for login in _locked_logins(person.pk):
            Authenticator.objects.filter(user_id=login.pk).delete()
            _save(login, actor, "access.second_factor_reset")


def end_sessions(*, actor: Actor, login_id: int, now: datetime) -> Login:
    """Log oneself out on every device. Writes an Event. Raises PermissionRefused."""
    del now  # the Event has its own instant
    with transaction.atomic():
        login = _own_login(actor, login_id)
        _save(login, actor, "access.sessions_ended")
    return login


def give_login(
    *,
    actor: Actor,
    person_id: int,
    sealed_secret: str,
    now: datetime,
    pin: str = "",
) -> Login:
    """A login with a second factor (and a PIN) made for somebody: for demonstrations alone.

    The person must be generated: nobody else's second factor is ever chosen by somebody else.
    ``sealed_secret`` is the Base32 secret, sealed. Raises PermissionRefused.
    """
    require(actor, Verb.GRANT_GIVE, Scope())
    with transaction.atomic():
        person = locked_person(person_id=person_id)
        if not person.is_generated:
            raise PermissionRefused
        login = _login_of(person.pk, now)
        if pin:
            login.set_password(pin)
            login.save(update_fields=["password"])
        Authenticator.objects.update_or_create(
            user=login,
            type=Authenticator.Type.TOTP,
            defaults={"data": {"secret": sealed_secret}, "created_at": now},
        )
    return login


def _login_of(person_id: int, now: datetime) -> Login:
    login = login_of(person_id=person_id)
    if login is None:
        login, _is_new = Login.objects.get_or_create(
            person_id=person_id,
            defaults={"created_at": now, "password": _no_pin()},
        )
    return login


def _no_pin() -> str:
    login = Login()
    login.set_unusable_password()
    return login.password


def _own_login(actor: Actor, login_id: int) -> Login:
    login = Login.objects.select_for_update().filter(pk=login_id).first()
    if login is None or login.person_id is None or actor.person_id is None:
        raise PermissionRefused
    if actor.person_id not in records_of_person(person_id=login.person_id):
        raise PermissionRefused
    return login


def _locked_logins(person_id: int) -> list[Login]:
    records = records_of_person(person_id=person_id)
    return list(Login.objects.select_for_update().filter(person_id__in=records).order_by("pk"))


def _require_desk(actor: Actor, person: Person) -> None:
    path = person.home_place.path if person.home_place is not None else None
    require(actor, Verb.VOLUNTEER_REGISTER, Scope(place_path=path, person_id=person.pk))
    if actor.person_id in records_of_person(person_id=person.pk):
        raise PermissionRefused


def _forget_tries(login: Login) -> None:
    login.pin_failure_count = 0
    login.pin_locked_until = None


def _save(login: Login, actor: Actor, kind: str) -> None:
    """With a new seed, whatever was logged in as this before is logged out."""
    login.session_seed = new_session_seed()
    login.save()
    record_event(
        kind=kind,
        subject_type="access.Login",
        subject_id=login.pk,
        actor_id=actor.person_id,
        payload={"person_id": login.person_id},
    )


def _birth_dates(login: Login) -> list[date]:
    if login.person_id is None:
        return []
    records = records_of_person(person_id=login.person_id)
    dates = Person.objects.filter(pk__in=records).values_list("birth_date", flat=True)
    return [born_on for born_on in dates if born_on is not None]


def _check_pin(pin: str, birth_dates: list[date]) -> None:
    if not pin.isdecimal() or not PIN_LENGTH_MIN <= len(pin) <= PIN_LENGTH_MAX:
        raise PinRefused(_("رمز شخصی باید ۴ تا ۸ رقم باشد."))
    years = {str(year) for born_on in birth_dates for year in (born_on.year, jalali_year(born_on))}
    if pin in years:
        raise PinRefused(_("سال تولد را زود حدس می‌زنند؛ رمز دیگری بنویسید."))
    if pin in set(_obvious(len(pin))):
        raise PinRefused(
            _("این رمز را زود حدس می‌زنند؛ رقم‌هایی بنویسید که پشت سر هم یا تکراری نباشند.")
        )


def _obvious(length: int) -> Iterator[str]:
    """Equal digits, pairs that repeat (1212), and runs up or down, also across the zero."""
    for first in range(10):
        for step in (-1, 0, 1):
            yield "".join(str((first + step * place) % 10) for place in range(length))
        for second in range(10):
            yield (f"{first}{second}" * length)[:length]
