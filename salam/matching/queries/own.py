"""Why me: what a person who was asked may read about the choice. Nothing of anybody else."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.actors import Actor
from salam.core.dates import half_day_name
from salam.core.quantities import kilometres
from salam.matching.enums import LIVE_RUNS, Reason
from salam.matching.models import Proposal
from salam.people.queries import records_of_person
from salam.service.models import Offer

# That there is nobody else is not told: it would weigh on a free answer.
_CHOSEN = {
    Reason.ONLY_CANDIDATE: gettext_lazy("هر چه برای این نیاز لازم است دارید."),
    Reason.NEAREST: gettext_lazy("هر چه برای این نیاز لازم است دارید و خانه‌تان به آن نزدیک است."),
    Reason.BEST_OF_PLAN: gettext_lazy(
        "هر چه برای این نیاز لازم است دارید و وقتی همهٔ نیازها با هم دیده شد، "
        "این نیم‌روز شما این‌جا بیشتر به کار می‌آمد."
    ),
}


def why_me(*, actor: Actor, offer_id: UUID) -> list[str]:
    """Why an own offer came, and what would keep such offers away; nothing for an offer that is
    not the actor's or did not come from a run. Three queries.
    """
    if actor.person_id is None:
        return []
    records = records_of_person(person_id=actor.person_id)
    offer = Offer.objects.filter(public_id=offer_id, person_id__in=records).first()
    if offer is None:
        return []
    # The very proposal that it came of may stand in a plan that a newer one replaced since.
    origin = re.fullmatch(r"proposal:(\d{1,18})", offer.origin)
    proposal = (
        Proposal.objects.filter(
            Q(run__status__in=LIVE_RUNS) | Q(pk=int(origin[1]) if origin else 0),
            need_line_id=offer.need_line_id,
            half_day=offer.half_day,
            person_id__in=records,
        )
        .order_by("-run_id")
        .first()
    )
    if proposal is None:
        return []
    half_day = half_day_name(proposal.half_day)
    sentences = [
        str(_CHOSEN[Reason(proposal.reason)]),
        _("اگر {half_day} را از وقت‌های آزادتان بردارید، برای این نیم‌روز پیشنهادی نمی‌گیرید.").format(
            half_day=half_day
        ),
    ]
    # One step under the rounded distance lies under the real one too.
    shorter = (proposal.distance_100m - 1) * 100
    if shorter > 0:
        sentences.append(
            _("اگر شعاع رفت‌وآمدتان کمتر از {distance} باشد، از این‌جا پیشنهادی نمی‌گیرید.").format(
                distance=kilometres(shorter)
            )
        )
    return sentences
