"""Any volunteer and any need, as headquarters ask: why, why not, and what would change it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from salam.access.queries import reach_of
from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError, PermissionRefused
from salam.core.verbs import Verb
from salam.matching.queries.explanation import Explanation, explain
from salam.needs.models import Need
from salam.needs.queries import get_need_at_for, list_needs_for
from salam.people.codes import person_of_code
from salam.people.queries import MatchableObstacle

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from salam.needs.queries import NeedTotals


class VolunteerNotFound(DomainError):
    """No volunteer of this code, or none whom the actor may ask about: nobody learns which."""

    code = "volunteer_not_found"

    def __init__(self) -> None:
        super().__init__(
            _("داوطلبی با این کد در جاهای شما پیدا نشد؛ رقم‌هایش را دوباره ببینید."),
        )


def needs_to_ask_about(*, actor: Actor) -> QuerySet[WithAnnotations[Need, NeedTotals]]:
    """Open needs of places whose proposals the actor may have explained, as ``list_needs_for``.

    An intermediary asks about its own proposals, not about whoever it thinks of: raises
    PermissionRefused for somebody who holds no place.
    """
    reach = reach_of(actor=actor, verb=Verb.PROPOSAL_EXPLAIN)
    if not reach.is_everywhere and not reach.place_paths:
        raise PermissionRefused
    return list_needs_for(actor=actor, verb=Verb.PROPOSAL_EXPLAIN)


def need_to_ask_about(*, actor: Actor, public_id: UUID) -> Need:
    """One of them, open or closed. Raises PermissionRefused."""
    need = get_need_at_for(actor=actor, public_id=public_id, verb=Verb.PROPOSAL_EXPLAIN)
    require(actor, Verb.PROPOSAL_EXPLAIN, Scope(place_path=need.place.path))
    return need


def explain_by_code(*, actor: Actor, need: Need, code: str, on: date) -> Explanation:
    """``explain`` for the volunteer of a normalised code.

    Raises VolunteerNotFound, the same for nobody and for somebody out of the actor's reach.
    """
    person_id = person_of_code(code=code)
    if person_id is None:
        raise VolunteerNotFound
    try:
        explanation = explain(actor=actor, person_id=person_id, need_id=need.pk, on=on)
    except PermissionRefused:
        raise VolunteerNotFound from None
    if explanation.obstacle is MatchableObstacle.UNKNOWN:
        raise VolunteerNotFound
    return explanation
