"""What a run is and came to, in sentences for a director."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.jobs import JobState
from salam.core.quantities import grouped
from salam.matching.enums import RunStage, RunStatus
from salam.service.actions import Skipped

# The clock asks a worker every minute: what waits longer waits for something else.
_PATIENCE: Final = timedelta(minutes=1)

# Of one proposal: somebody may have had several.
_SKIPPED: Final[Mapping[str, str | Promise]] = {
    Skipped.LEFT: gettext_lazy("داوطلب اکنون پیشنهاد نمی‌گیرد"),
    Skipped.NEED_CLOSED: gettext_lazy("نیاز بسته شده است"),
    Skipped.HOST_UNAVAILABLE: gettext_lazy("مؤسسهٔ واسط اکنون نمی‌تواند پیگیری کند"),
    Skipped.ANSWERED_NO: gettext_lazy("داوطلب پیش‌تر به همین نیاز نه گفته است"),
    Skipped.HALF_DAY_TAKEN: gettext_lazy("این نیم‌روز داوطلب پر است"),
    Skipped.WEEK_FULL: gettext_lazy("هفتهٔ داوطلب پر است"),
    Skipped.LINE_FULL: gettext_lazy("برای این نیم‌روز کسان لازم پیدا شده‌اند"),
    Skipped.SEATS_FULL: gettext_lazy("ظرفیت این هفتهٔ مؤسسه پر است"),
}


@dataclass(frozen=True)
class Told:
    """A state in a sentence, with what to do next; ``kind`` as components/notice.html has it."""

    kind: str
    title: str
    text: str


def status_words(run: Any) -> str:
    """The status of a run in a word or two."""
    if run.status == RunStatus.RUNNING and run.stage == RunStage.QUEUED:
        return str(RunStage.QUEUED.label)
    if run.status == RunStatus.FAILED and run.stop_asked_at is not None:
        return _("متوقف‌شده")
    return str(RunStatus(run.status).label)


def gap_ppm(run: Any) -> int | None:
    """How far a plan can be from the best possible one, in millionths of its bound, rounded up."""
    if run.value is None or run.upper_bound is None:
        return None
    return (
        -(-(run.upper_bound - run.value) * 1_000_000 // run.upper_bound) if run.upper_bound else 0
    )


def gap_sentence(run: Any) -> str:
    """What the gap means for whoever decides."""
    gap = gap_ppm(run)
    if gap is None:
        return ""
    if gap == 0:
        return _("ثابت شده است که با همین داوطلبان و همین نیازها هیچ چینشی از این بهتر نیست.")
    if gap >= 1_000_000:
        return _("برای این چینش ضمانتی در دست نیست.")
    return _(
        "این چینش حداکثر %(gap)s در میلیون با بهترین چینش ممکن فاصله دارد؛ این ثابت شده است."
    ) % {"gap": grouped(gap)}


def state_of(run: Any) -> Told | None:
    """Where a run stands and the next step; None while it runs, when its progress tells."""
    if run.status == RunStatus.FAILED and run.stop_asked_at is not None:
        return Told(
            "info",
            _("این اجرا متوقف شد."),
            _(
                "از آن هیچ پیشنهادی نمانده و کسی پیامی نگرفته است."
                " هر وقت خواستید اجرای تازه‌ای آغاز کنید."
            ),
        )
    if run.status == RunStatus.FAILED:
        return _failed(run)
    if run.status == RunStatus.RELEASED and is_cut_short(run):
        return _cut_short()
    if run.status == RunStatus.PROPOSED and not run.proposed_count:
        return _nothing_new()
    return _STATES[run.status]() if run.status in _STATES else None


def is_cut_short(run: Any) -> bool:
    """Whether sending ended before all proposals had their turn."""
    return bool(run.parameters.get("release", {}).get("unasked"))


def unsent_rows(run: Any) -> list[tuple[str | Promise, int]]:
    """How many proposals of a release were not sent, by reason in words, most first."""
    told = run.parameters.get("release", {})
    rows = [(_SKIPPED[reason], count) for reason, count in told.get("skipped", {}).items()]
    if told.get("unasked"):
        rows.append((_("فرستادن پیش از رسیدن به آن ایستاد"), told["unasked"]))
    return sorted(rows, key=lambda row: -row[1])


def unsent_sentence(run: Any) -> str:
    """How far a release came; empty where all was sent."""
    told = run.parameters.get("release", {})
    unsent = sum(told.get("skipped", {}).values()) + told.get("unasked", 0)
    if not unsent:
        return ""
    return _("از %(all)s پیشنهاد، %(sent)s فرستاده شد و %(unsent)s نه:") % {
        "all": grouped(told["opened"] + unsent),
        "sent": grouped(told["opened"]),
        "unsent": grouped(unsent),
    }


def worker_sentence(run: Any, *, jobs: JobState, is_busy: bool, now: datetime) -> str:
    """Why a run that waits has not begun; empty while it is young."""
    if run.status != RunStatus.RUNNING or run.stage != RunStage.QUEUED:
        return ""
    if now - run.started_at <= _PATIENCE:
        return ""
    if is_busy:
        return _("اجرای دیگری در کار است؛ این یکی پس از آن آغاز می‌شود.")
    if not jobs.has_worker(now=now):
        return _(
            "کارگرِ سامانه اکنون در کار نیست، پس این اجرا هنوز آغاز نشده است. به گردانندهٔ سامانه"
            " خبر دهید؛ اجرا در صف می‌ماند."
        )
    return _("کارهای دیگری جلوتر در صف است؛ این اجرا پس از آن‌ها آغاز می‌شود.")


def _proposed() -> Told:
    return Told(
        "info",
        _("این چینش آمادهٔ بازبینی است."),
        _(
            "تا تصمیم نگیرید، هیچ‌کس پیامی نمی‌گیرد."
            " پوشش و پیشنهادها را ببینید، بعد بفرستید یا کنار بگذارید."
        ),
    )


def _released() -> Told:
    return Told(
        "success",
        _("این چینش فرستاده شده است."),
        _(
            "داوطلبان پاسخ می‌دهند و مؤسسه‌ها با کسانی که بله بگویند تماس می‌گیرند."
            " پاسخ‌ها و ساعت‌ها همین‌جا می‌آید."
        ),
    )


def _cut_short() -> Told:
    return Told(
        "info",
        _("فرستادن این چینش پیش از پایان ایستاد."),
        _(
            "کسانی که پرسیده شده‌اند می‌توانند پاسخ دهند و از دیگران پرسیده نمی‌شود."
            " اجرای تازه همان نیازها را دوباره می‌بیند."
        ),
    )


def _nothing_new() -> Told:
    return Told(
        "info",
        _("این چینش پیشنهاد تازه‌ای ندارد."),
        _("کسی نیست که از او بپرسید. علتش در همین صفحه آمده است؛ می‌توانید آن را کنار بگذارید."),
    )


def _discarded() -> Told:
    return Told(
        "info",
        _("این چینش کنار گذاشته شده است."),
        _("کسی پیامی نگرفته است. برای چینشی دیگر اجرای تازه‌ای آغاز کنید."),
    )


def _superseded() -> Told:
    return Told(
        "info",
        _("اجرای تازه‌تری جای این را گرفته است."),
        _("این‌جا فقط برای یادآوری مانده است؛ تازه‌ترین اجرا را در فهرست ببینید."),
    )


def _failed(run: Any) -> Told:
    return Told(
        "error",
        _("این اجرا به پایان نرسید."),
        _(
            "در گام «%(stage)s» ایستاد. هیچ پیشنهادی از آن نمانده و کسی پیامی نگرفته است."
            " دوباره آغاز کنید؛ اگر باز نشد، گردانندهٔ سامانه را خبر کنید."
        )
        % {"stage": RunStage(run.stage).label},
    )


_STATES: Final = {
    RunStatus.PROPOSED: _proposed,
    RunStatus.RELEASED: _released,
    RunStatus.DISCARDED: _discarded,
    RunStatus.SUPERSEDED: _superseded,
}
