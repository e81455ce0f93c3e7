"""Closing a need, and what stays of those who listed one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from salam.core.actors import Actor, require
from salam.core.dates import local_day
from salam.core.errors import DomainError, PermissionRefused
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.needs.enums import NeedStatus
from salam.needs.models import Need, NeedLine
from salam.needs.permissions import scope_of


class NeedClosed(DomainError):
    code = "need_closed"

    def __init__(self) -> None:
        super().__init__(_("این نیاز پیش‌تر بسته شده است."))


def close_need(*, actor: Actor, need_id: int, now: datetime) -> Need:
    """Take a need out of matching; writes an Event. Raises NeedClosed, PermissionRefused."""
    with transaction.atomic():
        need = (
            Need.objects.select_for_update(of=("self",))
            .select_related("place", "intermediary")
            .filter(pk=need_id)
            .first()
        )
        if need is None:
            raise PermissionRefused
        require(actor, Verb.NEED_CLOSE, scope_of(need=need))
        if need.status == NeedStatus.CLOSED:
            raise NeedClosed
        _close(need, actor_id=actor.person_id, now=now)
    return need


def close_passed_needs(*, now: datetime, limit: int = 500) -> int:
    """Close open needs that asked for days which are over, all of them; returns how many.

    Nothing can be done for them any more, and whoever counts open needs would count them. Writes
    Events.
    """
    ahead = NeedLine.objects.filter(need=OuterRef("pk")).exclude(ends_on__lt=local_day(now))
    with transaction.atomic():
        passed = (
            Need.objects.select_for_update(skip_locked=True)
            .filter(~Exists(ahead), Exists(NeedLine.objects.filter(need=OuterRef("pk"))))
            .filter(status=NeedStatus.OPEN)
            .order_by("pk")[:limit]
        )
        needs = list(passed)
        for need in needs:
            _close(need, actor_id=None, now=now)
    return len(needs)


def _close(need: Need, *, actor_id: int | None, now: datetime) -> None:
    need.status = NeedStatus.CLOSED
    need.closed_at = now
    need.save(update_fields=["status", "closed_at"])
    record_event(
        kind="needs.need_closed",
        subject_type="needs.Need",
        subject_id=need.pk,
        actor_id=actor_id,
        payload={"place_id": need.place_id},
    )


def forget(person_id: int, now: datetime) -> None:
    """Erase nothing: a need keeps a number, and the row it points at is emptied by people."""
    del person_id, now
