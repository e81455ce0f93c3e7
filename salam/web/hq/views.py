"""Headquarters: a place with its parts, and matching runs from their start to what came of them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from salam.core.dates import local_day
from salam.core.jobs import job_state
from salam.matching.actions import (
    ask_why,
    discard_run,
    request_release,
    request_run,
    stop_release,
    stop_run,
)
from salam.matching.queries import (
    COUNTRY_CODE,
    VolunteerNotFound,
    get_run_for,
    is_somebody_running,
    list_runs_for,
    need_to_ask_about,
    needs_to_ask_about,
    place_to_run,
    places_to_run,
    proposals_of,
    recruits_of,
    typical_points,
    why_proposed,
)
from salam.reporting.queries import hq_overview, own_places, run_pair, run_review
from salam.web.gate import actor_of, staff_required
from salam.web.hq import asking, confirming, lists, pictures, recruits
from salam.web.hq.progress import UNDER_WAY, run_progress
from salam.web.hq.run_pages import pair_context, run_context
from salam.web.hq.wording import worker_sentence
from salam.web.listing import listing_response


@staff_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponseBase:
    """Where the actor's view begins: the country, or the first of the places held."""
    own = own_places(actor=actor_of(request))
    if own[0].code != COUNTRY_CODE:
        return redirect("hq:place", code=own[0].code)
    return _place_page(request, COUNTRY_CODE)


@staff_required
@require_safe
def place(request: HttpRequest, code: str) -> HttpResponseBase:
    """One place with its parts, if the actor holds it or what lies above."""
    return _place_page(request, code)


@staff_required
@require_safe
def runs(request: HttpRequest) -> HttpResponseBase:
    """Runs over the actor's places, newest first."""
    found = list_runs_for(actor=actor_of(request))
    return listing_response(
        request,
        lists.RUNS,
        found,
        template="hq/runs.html",
        empty_url=reverse("hq:choose_place"),
    )


@staff_required
@require_safe
def choose_place(request: HttpRequest) -> HttpResponse:
    """Over what: the country or a province within reach."""
    places = places_to_run(actor=actor_of(request))
    return render(request, "hq/choose_place.html", {"places": places})


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def start_run(request: HttpRequest, code: str) -> HttpResponse:
    """What will happen; and with a POST the run stands in line."""
    actor = actor_of(request)
    if request.method == "POST":
        started = request_run(actor=actor, place_code=code, now=timezone.now())
        return redirect("hq:run", run_id=started.pk)
    chosen = place_to_run(actor=actor, code=code)
    return render(request, "hq/confirm.html", confirming.start(chosen))


@staff_required
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """A run: its progress while it works, then what it covers, then what came of it."""
    review = run_review(actor=actor_of(request), run_id=run_id)
    if "poll" in request.GET and review.run.status not in UNDER_WAY:
        # The part that asks is drawn for work under way; the whole page has more to say now.
        return HttpResponse(headers={"HX-Refresh": "true"})
    now = timezone.now()
    context = {
        **run_context(review),
        "progress": run_progress(
            review,
            why_waiting=worker_sentence(
                review.run, jobs=job_state(), is_busy=is_somebody_running(), now=now
            ),
        ),
    }
    return render(request, "hq/run.html", context)


@staff_required
@require_safe
def run_proposals(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """What a run proposes, need by need, without the persons."""
    run = get_run_for(actor=actor_of(request), run_id=run_id)
    return listing_response(
        request,
        lists.PROPOSALS,
        proposals_of(run=run),
        template="hq/run_proposals.html",
        context={"run": run},
    )


@staff_required
@require_safe
def explain_proposal(request: HttpRequest, run_id: int, proposal_id: int) -> HttpResponse:
    """Why somebody is proposed, and what the plan would lose; the person is not named."""
    told = why_proposed(
        actor=actor_of(request),
        run_id=run_id,
        proposal_id=proposal_id,
        on=local_day(timezone.now()),
    )
    return render(request, "hq/explain_proposal.html", {"told": told})


@staff_required
@require_safe
def choose_need(request: HttpRequest) -> HttpResponseBase:
    """Which need it is asked about: any that is open in the actor's places."""
    found = needs_to_ask_about(actor=actor_of(request))
    return listing_response(request, asking.NEEDS, found, template="hq/choose_need.html")


@staff_required
@require_safe
def explain_need(request: HttpRequest, need_id: UUID) -> HttpResponse:
    """Why a volunteer, named by code alone, is proposed for a need or not, and what would change
    it.
    """
    actor = actor_of(request)
    need = need_to_ask_about(actor=actor, public_id=need_id)
    context: dict[str, object] = {"need": need}
    form = asking.VolunteerForm(request.GET if "volunteer" in request.GET else None)
    if form.is_valid():
        code, today = form.cleaned_data["volunteer"], local_day(timezone.now())
        try:
            context["explanation"] = ask_why(actor=actor, need=need, code=code, on=today)
        except VolunteerNotFound as refused:
            form.add_error("volunteer", refused.sentence)
    return render(request, "hq/explain_need.html", context | {"form": form})


@staff_required
@require_safe
def run_recruits(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """What one more volunteer, half-day, seat or level of vetting would add to a plan."""
    run = get_run_for(actor=actor_of(request), run_id=run_id)
    found = recruits_of(run=run)
    pictured = recruits.recruits_context(
        found,
        place_code=run.place.code,
        skill=request.GET.get("skill", ""),
        on=local_day(timezone.now()),
    )
    return listing_response(
        request,
        recruits.RECRUITS,
        found,
        template="hq/run_recruits.html",
        context={"run": run, "typical_points": typical_points(run=run)} | pictured,
    )


@staff_required
@require_safe
def compare_runs(request: HttpRequest, run_id: int) -> HttpResponse:
    """A run beside another one over the same place."""
    other = request.GET.get("other", "")
    pair = run_pair(
        actor=actor_of(request),
        run_id=run_id,
        other_id=int(other) if other.isdecimal() and len(other) < 12 else None,
    )
    return render(request, "hq/compare_runs.html", pair_context(pair))


@staff_required
@require_POST
def stop(request: HttpRequest, run_id: int) -> HttpResponseRedirect:
    """At once while it waits, else before the next stage."""
    stop_run(actor=actor_of(request), run_id=run_id, now=timezone.now())
    return HttpResponseRedirect(confirming.run_url(run_id))


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, run_id: int) -> HttpResponse:
    """Whom it will reach and how; and with a POST they are asked."""
    actor = actor_of(request)
    if request.method == "POST":
        request_release(actor=actor, run_id=run_id, now=timezone.now())
        return HttpResponseRedirect(confirming.run_url(run_id))
    review = run_review(actor=actor, run_id=run_id)
    return render(request, "hq/confirm.html", confirming.release(review))


@staff_required
@require_POST
def stop_sending(request: HttpRequest, run_id: int) -> HttpResponseRedirect:
    """Whoever has been asked may answer; nobody else is asked."""
    stop_release(actor=actor_of(request), run_id=run_id)
    return HttpResponseRedirect(confirming.run_url(run_id))


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, run_id: int) -> HttpResponse:
    """What is lost; and with a POST the plan is set aside."""
    actor = actor_of(request)
    if request.method == "POST":
        discard_run(actor=actor, run_id=run_id, now=timezone.now())
        return HttpResponseRedirect(confirming.run_url(run_id))
    review = run_review(actor=actor, run_id=run_id)
    return render(request, "hq/confirm.html", confirming.discard(review))


def _place_page(request: HttpRequest, code: str) -> HttpResponseBase:
    actor = actor_of(request)
    overview = hq_overview(actor=actor, place_code=code, on=local_day(timezone.now()))
    measure = request.GET.get("map", "")
    measure = measure if measure in pictures.MEASURES else "volunteers"
    context = {
        "overview": overview,
        "total": overview.total,
        "own": own_places(actor=actor),
        "tabs": pictures.measure_tabs(request.path, measure),
        "country_map": pictures.country_map(overview, measure=measure),
        "place_map": pictures.place_map(overview, measure=measure),
        "hours_chart": pictures.hours_chart(overview),
    }
    return listing_response(
        request, lists.PLACES, overview.filled_rows, template="hq/place.html", context=context
    )
