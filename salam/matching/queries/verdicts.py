"""What became of one volunteer at one line of a need: codes and integers, said on view alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.language import listed
from salam.core.quantities import grouped, kilometres
from salam.engine import Hindrance, PairExplanation
from salam.engine.problem import VALUE_PER_POINT
from salam.matching.enums import Reason
from salam.matching.queries.changes import missing_conditions, remedy_sentences

# Fewer than this are not counted aloud (mission, rule 8).
_CANDIDATES_TOLD_MIN: Final = 5


class Verdict(IntEnum):
    """What came of one volunteer at one line in the last run."""

    PROPOSED = 1
    NOT_FREE = 2
    NO_SKILL = 3
    CONDITION = 4
    TOO_FAR = 5
    NO_RUN = 6
    LINE_FULL = 7
    HALF_DAY_TAKEN = 8
    WEEK_FULL = 9
    SEATS_FULL = 10
    OTHERS_FIRST = 11
    WINDOW_AHEAD = 12
    WINDOW_OVER = 13
    ASKED = 14
    SAID_YES = 15
    SAID_NO = 16


# What people answered stands, whatever the plan is worth: there is nothing that would change it.
_ANSWERED = frozenset({Verdict.ASKED, Verdict.SAID_YES, Verdict.SAID_NO})


@dataclass(frozen=True)
class LineExplanation:
    """A line of the need: the verdict with the integers that say it. Names nobody else, and no
    other need or place.

    ``times`` is what the verdict is about: a half-day, or all those of a flexible line, of which
    ``half_day`` is None then, and ``row_half_day`` the one of them that came nearest. ``worth``:
    what the engine says of it today, None before any run and where its days are not this week's.
    ``answered``: what became of a proposal since, as a verdict, None where nobody was asked yet.
    """

    times: str
    half_day: int | None
    verdict: Verdict
    row_half_day: int | None = None
    metres_beyond: int = 0
    missing_attributes: int = 0
    distance_100m: int = 0
    points: int = 0
    candidates: int = 0
    has_more_candidates: bool = False
    reason: int = 0
    worth: PairExplanation | None = None
    answered: Verdict | None = None

    @property
    def sentence(self) -> str:
        """The verdict in Persian, then what would change it."""
        return " ".join([f"{self.times}: {self.answer}", *self.changes])

    @property
    def is_yes(self) -> bool:
        """Whether the person stands for it, by a plan or by an answer."""
        return self.verdict in _STATES

    @property
    def state(self) -> str:
        """The verdict in a word or two."""
        return str(_STATES.get(self.verdict, _("پیشنهاد نشد")))

    @property
    def changes(self) -> Sequence[str]:
        """What would turn the answer round; of a proposal what the plan would lose without it."""
        if self.worth is None or self.answered is not None or self.verdict in _ANSWERED:
            return []
        if self.verdict is not Verdict.PROPOSED:
            if self.worth.hindrance is Hindrance.NONE and self.worth.loss > 0:
                return [_("از آن اجرا تا امروز چیزی عوض شده است؛ اجرای تازه او را پیشنهاد می‌کند.")]
            return remedy_sentences(told=self.worth)
        points = self.worth.loss // VALUE_PER_POINT
        if self.worth.hindrance is not Hindrance.NONE or points == 0:
            return []
        return [_("بدون او ارزش چینش {points} امتیاز کمتر بود.").format(points=grouped(points))]

    @property
    def answer(self) -> str:
        """The verdict alone."""
        if self.verdict is Verdict.PROPOSED:
            proposed = _(
                "پیشنهاد شد؛ {reason}. فاصله {distance}، ارزش {points} امتیاز{candidates}."
            ).format(
                reason=Reason(self.reason).label,
                distance=kilometres(self.distance_100m * 100),
                points=grouped(self.points),
                candidates=self._candidates_clause(),
            )
            if self.answered is None:
                return proposed
            return f"{proposed} {_PLAIN_SENTENCES[self.answered]}"
        if self.verdict is Verdict.TOO_FAR:
            return _("{distance} بیرون از شعاع رفت‌وآمد اوست.").format(
                distance=kilometres(self.metres_beyond)
            )
        if self.verdict is Verdict.CONDITION:
            return _("این شرط را ندارد: {conditions}.").format(
                conditions=listed(missing_conditions(self.missing_attributes))
            )
        if self.half_day is None and self.verdict in _FLEXIBLE_SENTENCES:
            return str(_FLEXIBLE_SENTENCES[self.verdict])
        return str(_PLAIN_SENTENCES[self.verdict])

    def _candidates_clause(self) -> str:
        """How many could have been chosen; nothing where it was not counted, or is said already."""
        if self.candidates == 0 or self.reason == Reason.ONLY_CANDIDATE:
            return ""
        if self.has_more_candidates:
            # Counting stopped there.
            return _("؛ {count} نفر یا بیشتر واجد شرط بودند").format(count=grouped(self.candidates))
        is_told = self.candidates >= _CANDIDATES_TOLD_MIN
        return _("؛ {count} نفر واجد شرط بودند").format(
            count=grouped(self.candidates) if is_told else _("چند")
        )


_STATES = {
    Verdict.PROPOSED: gettext_lazy("پیشنهاد شد"),
    Verdict.ASKED: gettext_lazy("پرسیده شد"),
    Verdict.SAID_YES: gettext_lazy("پذیرفته است"),
}
_PLAIN_SENTENCES = {
    Verdict.NOT_FREE: gettext_lazy("در این نیم‌روز آزاد نیست."),
    Verdict.NO_SKILL: gettext_lazy("هیچ‌یک از مهارت‌های خواسته‌شده را ثبت نکرده است."),
    Verdict.NO_RUN: gettext_lazy(
        "همهٔ شرط‌ها را دارد؛ از زمان ثبت این نیاز هنوز اجرایی انجام نشده است."
    ),
    Verdict.LINE_FULL: gettext_lazy(
        "شرط‌ها را دارد، اما این ردیف با افراد دیگری پر شد که مناسب‌تر بودند."
    ),
    Verdict.HALF_DAY_TAKEN: gettext_lazy(
        "شرط‌ها را دارد، اما همین نیم‌روزش جای دیگری بیشتر به کار می‌آید."
    ),
    Verdict.WEEK_FULL: gettext_lazy(
        "شرط‌ها را دارد، اما سقف هفتگی‌اش با پیشنهادهای دیگر پر شده است."
    ),
    Verdict.SEATS_FULL: gettext_lazy("شرط‌ها را دارد، اما ظرفیت مؤسسهٔ واسط این نیاز پر است."),
    Verdict.OTHERS_FIRST: gettext_lazy(
        "شرط‌ها را دارد، اما در آخرین اجرا چینش دیگری نیازهای بیشتری را پوشاند."
    ),
    Verdict.ASKED: gettext_lazy("از او پرسیده شده است و پاسخش هنوز نیامده."),
    Verdict.SAID_YES: gettext_lazy("خودش این نیم‌روز را پذیرفته است؛ هیچ اجرایی جابه‌جایش نمی‌کند."),
    Verdict.SAID_NO: gettext_lazy("پیش‌تر به همین نیاز نه گفته است و دیگر برایش پیشنهاد نمی‌شود."),
    Verdict.WINDOW_AHEAD: gettext_lazy("روزهایش هنوز نرسیده است؛ هفته‌ای که برسد پیشنهاد می‌شود."),
    Verdict.WINDOW_OVER: gettext_lazy("روزهایش گذشته است و دیگر پیشنهادی برایش نمی‌رود."),
}
_FLEXIBLE_SENTENCES = {
    Verdict.NOT_FREE: gettext_lazy("در هیچ‌یک از این نیم‌روزها آزاد نیست."),
    Verdict.HALF_DAY_TAKEN: gettext_lazy(
        "شرط‌ها را دارد، اما نیم‌روزهایش جای دیگری بیشتر به کار می‌آید."
    ),
}
