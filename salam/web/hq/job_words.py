"""What the page of jobs says before its lists, and before something is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from salam.core.dates import jalali_instant
from salam.core.job_board import FailedJob, JobBoard
from salam.core.language import listed
from salam.core.quantities import grouped
from salam.core.sweeps import Sweep
from salam.web.hq.job_lists import length_in_words
from salam.web.hq.wording import Told


@dataclass(frozen=True)
class JobTab:
    """What components/tabs.html draws."""

    label: str
    url: str
    is_current: bool
    count: int | None = None


def board_context(board: JobBoard, *, now: datetime) -> dict[str, object]:
    """The board as hq/jobs.html draws it."""
    return {
        "board": board,
        "tabs": _tabs(board.failed, is_failed=False),
        "notices": notices(board, now=now),
        "heard": _heard(board),
        "running": [
            {
                "label": one.label,
                "since": one.since,
                "length": length_in_words(now - one.since) if one.since else "",
                "has_worker": one.has_worker,
            }
            for one in board.running
        ],
    }


def failed_context(count: int) -> dict[str, object]:
    return {"tabs": _tabs(count, is_failed=True)}


def notices(board: JobBoard, *, now: datetime) -> list[Told]:
    """What is wrong and how to mend it; nothing where all is well."""
    if not board.workers:
        return [
            Told(
                "error",
                _("کارگری روشن نیست."),
                _(
                    "تا روی کارگزار «salam up» یا «salam work» به کار نیفتد، پیامی نمی‌رسد"
                    " و هیچ‌یک از این کارها پیش نمی‌رود."
                ),
            )
        ]
    told = [
        Told(
            "warning",
            one.label,
            _("%(length)s است که تمام نشده. گزارش کارگر را ببینید و کارگر را از نو راه بیندازید.")
            % {"length": length_in_words(now - one.since)},
        )
        for one in board.long_running(now=now)
        if one.since is not None
    ]
    late = [
        _("%(work)s (%(length)s است که انجام نشده)")
        % {"work": one.label, "length": length_in_words(now - one.expected_since)}
        for one in board.late(now=now)
        if one.expected_since is not None
    ]
    if late:
        advice = _("بخواهید که اکنون انجام شود و علتش را در گزارش کارگر ببینید.")
        told.append(Told("warning", _("دیر شده است:"), f"{listed(late)}. {advice}"))
    return told


def ask(sweep: Sweep) -> dict[str, object]:
    """Before a sweep is asked for."""
    return {
        "title": _("این کار اکنون انجام شود؟"),
        "facts": [(_("کار"), str(sweep.label))],
        "sentences": [
            _("نخستین کارگری که آزاد شود آن را انجام می‌دهد. اگر از پیش در صف باشد، همان بس است."),
            _("هر بار فقط آنچه مانده است انجام می‌شود."),
            _("این‌که شما خواسته‌اید، ثبت می‌شود."),
        ],
        "action": _("بله، اکنون انجام شود"),
        "cancel_url": reverse("hq:jobs"),
    }


def again(job: FailedJob) -> dict[str, object]:
    """Before a failed job waits again."""
    facts = [
        (_("کار"), str(job.sweep.label)),
        (_("چه وقت"), jalali_instant(job.failed_at) if job.failed_at else "—"),
        (_("چند بار"), grouped(job.attempts)),
    ]
    return {
        "title": _("این کار دوباره انجام شود؟"),
        "facts": facts,
        "sentences": [
            _("اگر علت خطا هنوز برجاست، این بار هم انجام نمی‌شود؛ اول گزارش کارگر را ببینید."),
            _("اگر همین کار از پیش در صف باشد، همان بس است و این یکی در فهرست می‌ماند."),
            _("این‌که شما خواسته‌اید، ثبت می‌شود."),
        ],
        "action": _("بله، دوباره انجام شود"),
        "cancel_url": reverse("hq:failed_jobs"),
    }


def _heard(board: JobBoard) -> str:
    if board.heard_at is None:
        return ""
    return _("آخرین نشانه: %(when)s") % {"when": jalali_instant(board.heard_at)}


def _tabs(failed: int, *, is_failed: bool) -> list[JobTab]:
    return [
        JobTab(_("کارهای نوبتی"), reverse("hq:jobs"), not is_failed),
        JobTab(_("انجام‌نشده‌ها"), reverse("hq:failed_jobs"), is_failed, count=failed),
    ]
