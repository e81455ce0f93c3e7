"""Headquarters' page of jobs: what the workers do, what failed, and asking for it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.job_board import (
    ask_by_hand,
    failed_job,
    failed_jobs,
    job_board,
    sweep_to_ask_for,
    try_again,
)
from salam.core.verbs import Verb
from salam.web.gate import actor_of, desk_required
from salam.web.hq import job_words
from salam.web.hq.job_lists import FAILED, SWEEPS
from salam.web.listing import listing_response


@desk_required(Verb.JOB_RUN)
@require_safe
def jobs(request: HttpRequest) -> HttpResponseBase:
    """Every sweep with how it went, the workers, and what runs now."""
    now = timezone.now()
    board = job_board(actor=actor_of(request), now=now)
    return listing_response(
        request,
        SWEEPS,
        board.sweeps,
        template="hq/jobs.html",
        context=job_words.board_context(board, now=now),
    )


@desk_required(Verb.JOB_RUN)
@require_safe
def failed(request: HttpRequest) -> HttpResponseBase:
    """What failed within a week, with the class of its error."""
    found = failed_jobs(actor=actor_of(request))
    return listing_response(
        request,
        FAILED,
        found,
        template="hq/failed_jobs.html",
        context=job_words.failed_context(found.count()),
    )


@desk_required(Verb.JOB_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_sweep(request: HttpRequest, name: str) -> HttpResponse:
    """What will follow; and with a POST the sweep waits for a worker."""
    actor = actor_of(request)
    if request.method == "POST":
        sweep = ask_by_hand(actor=actor, name=name, now=timezone.now())
        messages.success(request, _("خواسته شد: %(work)s.") % {"work": sweep.label})
        return redirect("hq:jobs")
    sweep = sweep_to_ask_for(actor=actor, name=name)
    return render(request, "hq/confirm.html", job_words.ask(sweep))


@desk_required(Verb.JOB_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def try_job_again(request: HttpRequest, job_id: int) -> HttpResponse:
    """What will follow; and with a POST the failed job waits again."""
    actor = actor_of(request)
    if request.method == "POST":
        if try_again(actor=actor, job_id=job_id, now=timezone.now()):
            messages.success(request, _("این کار دوباره در صف است."))
        else:
            messages.info(request, _("همین کار از پیش در صف است یا دیگر انجام‌نشده نیست."))
        return redirect("hq:failed_jobs")
    job = failed_job(actor=actor, job_id=job_id)
    return render(request, "hq/confirm.html", job_words.again(job))
