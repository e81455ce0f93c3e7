"""Hours to confirm: typed in the list, looked at once more, posted; and those that stand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.dates import local_day
from salam.core.quantities import grouped
from salam.core.verbs import Verb
from salam.service.enums import SessionStatus
from salam.service.queries import list_sessions_for, offices_of, with_confirmed_minutes
from salam.web.gate import actor_of, desk_required
from salam.web.intermediary.listings import confirmed_listing, hours_listing
from salam.web.intermediary.sheets import HoursSheet
from salam.web.listing import list_page, listing_response


@desk_required(Verb.HOURS_CONFIRM)
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    """The list, with what was typed; a page that asks once more; then the bank."""
    sheet = HoursSheet(request, actor=actor_of(request), now=timezone.now())
    if not sheet.is_posted or not sheet.is_whole():
        return _listed(request, sheet)
    if not sheet.is_confirming:
        context = {"sheet": sheet, "cancel_url": request.get_full_path()}
        return render(request, "intermediary/review.html", context)
    if count := sheet.confirm():
        _tell(request, count)
    if sheet.notices:
        return _listed(request, sheet)
    return HttpResponseRedirect(request.get_full_path())


@desk_required(Verb.HOURS_CONFIRM)
@require_safe
def confirmed(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    sessions = list_sessions_for(actor=actor, statuses=(SessionStatus.CONFIRMED,))
    return listing_response(
        request,
        confirmed_listing(offices_of(actor=actor)),
        with_confirmed_minutes(sessions=sessions),
        template="intermediary/confirmed.html",
    )


def _listed(request: HttpRequest, sheet: HoursSheet) -> HttpResponse:
    actor = actor_of(request)
    page = list_page(
        request,
        hours_listing(offices_of(actor=actor), sheet.box),
        list_sessions_for(actor=actor, until=local_day(timezone.now())),
        bulk_url=request.get_full_path(),
        chosen=sheet.chosen,
    )
    return render(request, "intermediary/hours.html", {"page": page, "notices": sheet.notices})


def _tell(request: HttpRequest, count: int) -> None:
    messages.success(
        request,
        _("ساعت‌های {count} نوبت تأیید شد و در بانک زمان ماند.").format(count=grouped(count)),
    )
