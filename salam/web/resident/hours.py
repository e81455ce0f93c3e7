"""The statement of one's own hours."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from salam.timebank.queries import person_hours, statement_for
from salam.web.gate import actor_of, person_required

_PAGE_SIZE = 20


@require_safe
@person_required
@never_cache
def statement(request: HttpRequest) -> HttpResponse:
    """Every entry, newest first."""
    actor = actor_of(request)
    person_id = actor.person_id or 0
    entries = Paginator(statement_for(actor=actor, person_id=person_id), _PAGE_SIZE)
    context = {
        "hours": person_hours(person_id=person_id),
        "page": entries.get_page(request.GET.get("page")),
    }
    return render(request, "resident/hours.html", context)
