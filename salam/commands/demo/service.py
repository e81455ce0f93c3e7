"""Three weeks of service among generated people: asked, answered, served, confirmed.

Through the same actions as real service, each at an instant of its own. What somebody does is
drawn from a seed and the number of the offer, so that a second call after a break-off goes on
where the first one stopped, and finds nothing to do when it had ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Final

import numpy as np
from django.db.models import QuerySet

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.dates import TEHRAN, local_day
from salam.matching.actions import release_run
from salam.matching.enums import RunStatus
from salam.matching.models import Run
from salam.service.actions import (
    Confirmation,
    accept_offer,
    cancel_session,
    confirm_hours,
    decline_offer,
    expire_offers,
    report_session,
)
from salam.service.enums import DeclineReason, OfferStatus, SessionStatus
from salam.service.models import Offer, Session

# How long before today the demo's story begins.
HISTORY: Final = timedelta(days=21)
_RELEASED_AFTER: Final = timedelta(hours=20)
_ANSWERED: Final = 200
_YES_SHARE: Final = 0.75
_CANCELLED_SHARE, _UNREPORTED_SHARE, _UNCONFIRMED_SHARE = 0.08, 0.1, 0.15
_EVENING: Final = time(19, 30)
_DAY: Final = timedelta(days=1)


def serve_some(
    *,
    actor: Actor,
    run_id: int,
    now: datetime,
    seed: int,
    report: Callable[[int, int], None],
) -> None:
    """Release a run, let some of its people answer and serve, and let the others' time run out."""
    run = Run.objects.get(pk=run_id)
    released_at = run.started_at + _RELEASED_AFTER
    if run.status in (RunStatus.PROPOSED, RunStatus.RELEASING):
        release_run(actor=actor, run_id=run_id, now=released_at, report=report)
    offers = Offer.objects.filter(opened_at=released_at)
    keys = list(offers.order_by("pk").values_list("pk", flat=True))
    chosen = np.random.default_rng([seed, 11]).permutation(keys)[:_ANSWERED].tolist()
    _answer(offers.filter(pk__in=chosen, status=OfferStatus.OPEN), seed=seed, report=report)
    expire_offers(now=now, limit=len(keys) + 1)
    _serve(chosen, actor=actor, now=now, seed=seed, report=report)


def _answer(offers: QuerySet[Offer], *, seed: int, report: Callable[[int, int], None]) -> None:
    waiting = list(offers)
    for done, offer in enumerate(waiting):
        random = np.random.default_rng([seed, 13, offer.pk])
        at = offer.opened_at + timedelta(minutes=int(random.integers(20, 60 * 48)))
        volunteer = actor_for(person_id=offer.person_id, at=at)
        if random.random() < _YES_SHARE:
            accept_offer(actor=volunteer, offer_id=offer.public_id, now=at)
        else:
            reason = DeclineReason(str(random.choice(DeclineReason.values)))
            decline_offer(actor=volunteer, offer_id=offer.public_id, reason=reason, now=at)
        report(done + 1, len(waiting))


def _serve(
    offer_ids: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
    seed: int,
    report: Callable[[int, int], None],
) -> None:
    """Week by week: each session that is over plans the next one, until today."""
    seen: set[int] = set()
    while due := list(
        Session.objects.filter(
            assignment__offer_id__in=offer_ids,
            status=SessionStatus.PLANNED,
            happens_on__lt=local_day(now),
        )
        .exclude(pk__in=seen)
        .select_related("assignment")
        .order_by("happens_on", "pk"),
    ):
        for done, session in enumerate(due):
            seen.add(session.pk)
            _attend(session, seed=seed)
            report(done + 1, len(due))
    _confirm(offer_ids, actor=actor, now=now, seed=seed)


def _attend(session: Session, *, seed: int) -> None:
    random = _drawn(session, seed)
    lot = random.random()
    evening = datetime.combine(session.happens_on, _EVENING, TEHRAN)
    volunteer = actor_for(person_id=session.assignment.person_id, at=evening)
    if lot < _CANCELLED_SHARE:
        cancel_session(actor=volunteer, session_id=session.public_id, now=evening)
    elif lot > _CANCELLED_SHARE + _UNREPORTED_SHARE:
        report_session(
            actor=volunteer,
            session_id=session.public_id,
            duration_minutes=15 * int(random.integers(4, 15)),
            now=evening,
        )


def _confirm(offer_ids: Sequence[int], *, actor: Actor, now: datetime, seed: int) -> None:
    """Hosts confirm a day later what was reported; some are behind with it."""
    by_host: dict[tuple[int, datetime], list[Confirmation]] = {}
    reported = Session.objects.filter(
        assignment__offer_id__in=offer_ids,
        status=SessionStatus.SERVED,
    ).select_related("assignment")
    for session in reported.order_by("pk"):
        if session.reported_at is None or session.reported_minutes is None:
            continue
        at = session.reported_at + _DAY
        if at >= now or _drawn(session, seed + 1).random() < _UNCONFIRMED_SHARE:
            continue
        by_host.setdefault((session.assignment.host_id, at), []).append(
            Confirmation(session_id=session.public_id, duration_minutes=session.reported_minutes),
        )
    for (_host_id, at), confirmations in sorted(by_host.items()):
        confirm_hours(actor=actor, confirmations=confirmations, now=at)


def _drawn(session: Session, seed: int) -> np.random.Generator:
    """Keys of rows differ between installations that broke off; offers and dates do not."""
    day = session.happens_on.toordinal()
    return np.random.default_rng([seed, session.assignment.offer_id, day])
