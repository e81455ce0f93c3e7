"""A run under way, as components/progress.html shows it."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from salam.core.quantities import grouped
from salam.matching.enums import RunStage, RunStatus
from salam.reporting.queries import RunReview
from salam.web.progress import Progress, ProgressState

# What is not over: the page asks again by itself.
UNDER_WAY: Final = (RunStatus.RUNNING, RunStatus.RELEASING)

# The stages that work, one after another; before the first a run waits.
_STAGES = tuple(stage for stage in RunStage if stage != RunStage.QUEUED)


def run_progress(review: RunReview, *, why_waiting: str) -> Progress | None:
    """None once the run is over: then its state is told.

    ``why_waiting`` is said of a run that has not begun (``wording.worker_sentence``).
    """
    run = review.run
    if run.status == RunStatus.RELEASING:
        return _sending(review)
    if run.status != RunStatus.RUNNING:
        return None
    url = reverse("hq:run", args=[run.pk])
    is_queued = run.stage == RunStage.QUEUED
    is_stopping = run.stop_asked_at is not None
    return Progress(
        element_id="run-progress",
        label=_("اجرا برای %(name)s") % {"name": run.place.name},
        state=ProgressState.RUNNING,
        done=0 if is_queued else _STAGES.index(RunStage(run.stage)),
        total=len(_STAGES),
        sentence=why_waiting or _sentence(RunStage(run.stage), is_stopping=is_stopping),
        url=url,
        poll_url=f"{url}?poll=1",
        stop_url=reverse("hq:stop_run", args=[run.pk]) if _may_stop(review) else "",
    )


def _sending(review: RunReview) -> Progress:
    run = review.run
    url = reverse("hq:run", args=[run.pk])
    return Progress(
        element_id="run-progress",
        label=_("فرستادن پیشنهادها در %(name)s") % {"name": run.place.name},
        state=ProgressState.RUNNING,
        done=review.release.done if review.release else 0,
        total=review.release.total if review.release else 0,
        sentence=_(
            "تاکنون %(count)s پیشنهاد فرستاده شده است. می‌توانید این صفحه را ببندید؛ کار ادامه دارد."
        )
        % {"count": grouped(review.release.opened if review.release else 0)},
        url=url,
        poll_url=f"{url}?poll=1",
        stop_url=reverse("hq:stop_release", args=[run.pk]) if review.may_release else "",
    )


def _may_stop(review: RunReview) -> bool:
    return review.may_start and review.run.stop_asked_at is None


def _sentence(stage: RunStage, *, is_stopping: bool) -> str:
    if is_stopping:
        return _("پیش از گام بعدی می‌ایستد. گام اکنون: %(stage)s.") % {"stage": stage.label}
    if stage == RunStage.QUEUED:
        return _("در صف است و به‌زودی آغاز می‌شود.")
    return _("گام اکنون: %(stage)s. می‌توانید این صفحه را ببندید؛ کار ادامه دارد.") % {
        "stage": stage.label,
    }
