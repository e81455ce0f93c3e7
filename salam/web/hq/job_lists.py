"""What the lists of jobs show: sweeps with how their last run went, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.durations import duration_in_words
from salam.core.job_board import SweepStatus
from salam.core.quantities import grouped
from salam.core.sweeps import all_sweeps, find_sweep, label_of
from salam.web.filtering import ChoiceFilter
from salam.web.hq.lists import day_and_time
from salam.web.listing import Column, Listing, RowAction

STATUS_WORDS: Final[dict[SweepStatus, str | Promise]] = {
    SweepStatus.RUNNING: gettext_lazy("در حال انجام"),
    SweepStatus.FAILED: gettext_lazy("آخرین بار انجام نشد"),
    SweepStatus.WAITING: gettext_lazy("در صف"),
    SweepStatus.FINE: gettext_lazy("انجام شد"),
    SweepStatus.NEVER_RUN: gettext_lazy("هنوز نوبتش نرسیده است"),
}


def length_in_words(length: timedelta | None) -> str:
    """How long a run took, as exactly as one wants to know it."""
    if length is None:
        return "—"
    seconds = length.total_seconds()
    if seconds < 1:
        return _("کمتر از یک ثانیه")
    if seconds < 60:
        return _("%(count)s ثانیه") % {"count": grouped(int(seconds))}
    return duration_in_words(minutes=int(seconds // 60))


def _when(instant: datetime | None) -> str:
    return "—" if instant is None else day_and_time(instant)


def _ask_now(state: Any) -> Sequence[RowAction]:
    return [
        RowAction(
            label=gettext_lazy("اکنون انجام شود"),
            url=reverse("hq:ask_for_sweep", args=[state.name]),
            icon="arrow-clockwise",
        )
    ]


SWEEPS: Final = Listing(
    name="sweeps",
    caption=gettext_lazy("کارهای نوبتی"),
    columns=(
        Column(key="label", label=gettext_lazy("کار"), value="label", order_by=("label",)),
        Column(
            key="status",
            label=gettext_lazy("وضعیت"),
            value=lambda state: str(STATUS_WORDS[state.status]),
            template="hq/_sweep_status.html",
        ),
        Column(
            key="began",
            label=gettext_lazy("آخرین انجام"),
            value="began_at",
            shown=_when,
            order_by=("began_at",),
        ),
        Column(
            key="took",
            label=gettext_lazy("زمانی که برد"),
            value="took",
            shown=length_in_words,
            order_by=("took",),
            export_value=lambda state: state.took and state.took.total_seconds(),
        ),
        Column(
            key="failed",
            label=gettext_lazy("انجام‌نشده در یک روز"),
            value="failed_lately",
            order_by=("failed_lately",),
            is_numeric=True,
        ),
        Column(
            key="due",
            label=gettext_lazy("نوبت بعدی"),
            value="due_at",
            shown=_when,
            order_by=("due_at",),
        ),
    ),
    row_actions=_ask_now,
    row_key="name",
    holds_people=False,
    empty_title=gettext_lazy("هیچ کار نوبتی نیست."),
)


def _try_again(job: Any) -> Sequence[RowAction]:
    if find_sweep(job.task_name) is None:
        return ()
    return [
        RowAction(
            label=gettext_lazy("دوباره انجام شود"),
            url=reverse("hq:try_job_again", args=[job.pk]),
            icon="arrow-clockwise",
        )
    ]


def _since_then(job: Any) -> str:
    """Whether its sweep has succeeded after it failed: then nothing is left undone."""
    if job.succeeded_at is not None and job.failed_at is not None:
        return _("انجام شد") if job.succeeded_at > job.failed_at else _("هنوز نه")
    return _("هنوز نه")


def _sweep_choices() -> Iterable[tuple[str, str]]:
    return [(one.name, str(one.label)) for one in all_sweeps()]


FAILED: Final = Listing(
    name="failed-jobs",
    caption=gettext_lazy("کارهای انجام‌نشده، تازه‌ترین نخست"),
    columns=(
        Column(
            key="label",
            label=gettext_lazy("کار"),
            value=lambda job: label_of(job.task_name),
        ),
        Column(
            key="failed",
            label=gettext_lazy("چه وقت"),
            value="failed_at",
            shown=_when,
            order_by=("failed_at",),
        ),
        Column(
            key="attempts",
            label=gettext_lazy("چند بار"),
            value="attempts",
            order_by=("attempts",),
            is_numeric=True,
        ),
        Column(key="error", label=gettext_lazy("نوع خطا"), value="error", is_code=True),
        Column(key="since", label=gettext_lazy("از آن پس"), value=_since_then),
    ),
    filters=(
        ChoiceFilter(
            key="task",
            label=gettext_lazy("کار"),
            lookup="task_name",
            choices=_sweep_choices,
        ),
    ),
    default_sort="-failed",
    row_actions=_try_again,
    holds_people=False,
    empty_title=gettext_lazy("هیچ کاری انجام‌نشده نمانده است."),
    empty_text=gettext_lazy("کاری که انجام نشود تا یک هفته این‌جا می‌ماند."),
)
