"""Why this person, or why not: found as codes and integers, said in Persian only on view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from typing import Final

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.actors import Actor, Scope, require
from salam.core.dates import half_day_name
from salam.core.errors import PermissionRefused
from salam.core.language import listed
from salam.core.quantities import grouped, kilometres
from salam.core.verbs import Verb
from salam.engine import Hindrance, PairExplanation, Rule, first_failing_rule
from salam.engine.problem import VALUE_PER_POINT
from salam.matching.enums import Reason, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries.changes import (
    Surroundings,
    missing_conditions,
    read_surroundings,
    remedy_sentences,
)
from salam.matching.queries.problem import BuiltProblem, build_pair_problem
from salam.matching.queries.reviewing import get_run_for
from salam.matching.queries.runs import last_run_for
from salam.needs.models import NeedLine
from salam.needs.queries import get_need_for
from salam.needs.timing import half_days_of, in_words
from salam.people.models import Person
from salam.people.queries import MatchableObstacle, matchable_obstacle

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


_RULE_VERDICTS = {
    Rule.SLOT: Verdict.NOT_FREE,
    Rule.SKILL: Verdict.NO_SKILL,
    Rule.ATTRIBUTES: Verdict.CONDITION,
    Rule.DISTANCE: Verdict.TOO_FAR,
}


@dataclass(frozen=True)
class LineExplanation:
    """A line of the need: the verdict with the integers that say it.

    ``times`` is what the verdict is about: a half-day, or all those of a flexible line, of which
    ``half_day`` is None then, and ``row_half_day`` the one of them that came nearest. ``worth``:
    what the engine says of it today, None before any run and where its days are not this week's.
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

    @property
    def sentence(self) -> str:
        """The verdict in Persian, then what would change it. Names nobody else and no other
        need.
        """
        return " ".join([f"{self.times}: {self._verdict_sentence()}", *self._what_would_change()])

    def _what_would_change(self) -> list[str]:
        if self.worth is None:
            return []
        if self.verdict is not Verdict.PROPOSED:
            if self.worth.hindrance is Hindrance.NONE and self.worth.loss > 0:
                return [_("از آن اجرا تا امروز چیزی عوض شده است؛ اجرای تازه او را پیشنهاد می‌کند.")]
            return remedy_sentences(told=self.worth)
        points = self.worth.loss // VALUE_PER_POINT
        if self.worth.hindrance is not Hindrance.NONE or points == 0:
            return []
        return [_("بدون او ارزش چینش {points} امتیاز کمتر بود.").format(points=grouped(points))]

    def _verdict_sentence(self) -> str:
        if self.verdict is Verdict.PROPOSED:
            return _(
                "پیشنهاد شد؛ {reason}. فاصله {distance}، ارزش {points} امتیاز{candidates}."
            ).format(
                reason=Reason(self.reason).label,
                distance=kilometres(self.distance_100m * 100),
                points=grouped(self.points),
                candidates=self._candidates_clause(),
            )
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
    Verdict.WINDOW_AHEAD: gettext_lazy("روزهایش هنوز نرسیده است؛ هفته‌ای که برسد پیشنهاد می‌شود."),
    Verdict.WINDOW_OVER: gettext_lazy("روزهایش گذشته است و دیگر پیشنهادی برایش نمی‌رود."),
}
_FLEXIBLE_SENTENCES = {
    Verdict.NOT_FREE: gettext_lazy("در هیچ‌یک از این نیم‌روزها آزاد نیست."),
    Verdict.HALF_DAY_TAKEN: gettext_lazy(
        "شرط‌ها را دارد، اما نیم‌روزهایش جای دیگری بیشتر به کار می‌آید."
    ),
}


@dataclass(frozen=True)
class Explanation:
    """All lines of a need for one volunteer, or the one thing that keeps the person out of
    matching altogether.
    """

    obstacle: MatchableObstacle | None
    lines: Sequence[LineExplanation]
    run_id: int | None

    @property
    def sentences(self) -> list[str]:
        if self.obstacle is not None:
            return [self.obstacle.label]
        return [line.sentence for line in self.lines]


def explain(*, actor: Actor, person_id: int, need_id: int, on: date) -> Explanation:
    """Why a volunteer was or was not proposed for an open need, line by line, against the last run
    that looked at the need.

    Feasibility is asked of the engine itself, with the same arrays as a run. Who may not ask about
    people of the volunteer's home hears only of those whom that run proposed for the need. Raises
    PermissionRefused.
    """
    need = get_need_for(actor=actor, need_id=need_id, verb=Verb.PROPOSAL_EXPLAIN)
    run = last_run_for(need=need)
    run_id = run.pk if run else None
    own = Proposal.objects.filter(run=run, person_id=person_id, need_line__need_id=need_id)
    if run is None or not own.exists():
        _require_about_person(actor, person_id)
    obstacle = matchable_obstacle(person_id=person_id, on=on)
    if obstacle is not None:
        return Explanation(obstacle=obstacle, lines=(), run_id=run_id)
    built = build_pair_problem(person_id=person_id, need_id=need_id, on=on)
    standing = _Standing(run, person_id, need.intermediary_id, need.intermediary.seats_weekly)
    around = None
    if run is not None:
        around = read_surroundings(run=run, need=need, person_id=person_id, on=on)
    return Explanation(
        obstacle=None,
        lines=[
            _with_worth(told, line=line, around=around)
            for line in sorted(need.lines.all(), key=lambda one: (half_days_of(one), one.pk))
            for told in _explain_line(built, line, standing, on=on)
        ],
        run_id=run_id,
    )


def _with_worth(
    told: LineExplanation, *, line: NeedLine, around: Surroundings | None
) -> LineExplanation:
    if around is None or told.row_half_day is None:
        return told
    worth = around.explain(line_id=line.pk, half_day=told.row_half_day)
    return replace(told, worth=worth)


@dataclass(frozen=True)
class WhyProposed:
    """One proposal of a run explained, without the person."""

    run: Run
    title: str
    sentences: list[str]


def why_proposed(*, actor: Actor, run_id: int, proposal_id: int, on: date) -> WhyProposed:
    """Why somebody is proposed, as ``explain`` says it, to those who review the run and may ask.

    Raises PermissionRefused.
    """
    run = get_run_for(actor=actor, run_id=run_id)
    proposal = (
        Proposal.objects.filter(run=run, pk=proposal_id).select_related("need_line__need").first()
    )
    if proposal is None:
        raise PermissionRefused
    need = proposal.need_line.need
    told = explain(actor=actor, person_id=proposal.person_id, need_id=need.pk, on=on)
    return WhyProposed(run=run, title=need.title, sentences=told.sentences)


def _require_about_person(actor: Actor, person_id: int) -> None:
    """An answer tells half-days and, need by need, where a home is: it is not for everybody."""
    home_path = (
        Person.objects.filter(pk=person_id).values_list("home_place__path", flat=True).first()
    )
    require(actor, Verb.PROPOSAL_EXPLAIN, Scope(place_path=home_path))


class _Standing:
    """What live runs made of the person and the intermediary; two queries, and one a line."""

    def __init__(self, run: Run | None, person_id: int, intermediary_id: int, seats: int) -> None:
        self.run = run
        self.own: dict[tuple[int, int], Proposal] = {}
        self.taken_half_days: set[int] = set()
        self.are_seats_full = False
        if run is None:
            return
        # Other live runs hold their part of the person's week, and of the seats.
        planned = (RunStatus.PROPOSED, RunStatus.RELEASING)
        live = Proposal.objects.filter(Q(run__status__in=planned) | Q(run=run))
        mine = live.filter(person_id=person_id)
        self.own = {(proposal.need_line_id, proposal.half_day): proposal for proposal in mine}
        self.taken_half_days = {half_day for _line_id, half_day in self.own}
        used = live.filter(need_line__need__intermediary_id=intermediary_id).count()
        self.are_seats_full = used >= seats

    def proposed_for(self, line: NeedLine) -> Counter[int]:
        """How many people the run proposed for a line, by half-day."""
        proposals = Proposal.objects.filter(run=self.run, need_line=line)
        return Counter(proposals.values_list("half_day", flat=True))

    def verdict(
        self,
        line: NeedLine,
        *,
        half_day: int,
        proposed: Counter[int],
        weekly_cap: int,
    ) -> Verdict:
        if self.run is None:
            return Verdict.NO_RUN
        if half_day in self.taken_half_days:
            return Verdict.HALF_DAY_TAKEN
        if len(self.own) >= weekly_cap:
            return Verdict.WEEK_FULL
        if proposed[half_day] >= line.headcount or proposed.total() >= line.seats_weekly:
            return Verdict.LINE_FULL
        return Verdict.SEATS_FULL if self.are_seats_full else Verdict.OTHERS_FIRST


def _explain_line(
    built: BuiltProblem,
    line: NeedLine,
    standing: _Standing,
    *,
    on: date,
) -> list[LineExplanation]:
    """One verdict of a fixed line; of a flexible one those of all proposals, or else the one that
    came nearest to a proposal.
    """
    rows = np.flatnonzero(built.line_ids == line.pk).tolist()
    if not rows:
        is_ahead = line.starts_on is not None and line.starts_on > on
        verdict = Verdict.WINDOW_AHEAD if is_ahead else Verdict.WINDOW_OVER
        return [LineExplanation(times=in_words(line), half_day=None, verdict=verdict)]
    proposed = standing.proposed_for(line)
    told = [
        _explain_row(built, row, line=line, standing=standing, proposed=proposed) for row in rows
    ]
    if line.half_day is not None:
        return told
    own = [one for one in told if one.verdict is Verdict.PROPOSED]
    nearest = max(told, key=lambda one: one.verdict)
    return own or [replace(nearest, times=in_words(line), half_day=None)]


def _explain_row(
    built: BuiltProblem,
    row: int,
    *,
    line: NeedLine,
    standing: _Standing,
    proposed: Counter[int],
) -> LineExplanation:
    problem = built.problem
    half_day = int(problem.l_slot[row])
    times = half_day_name(half_day)
    proposal = standing.own.get((line.pk, half_day))
    if proposal is not None:
        return LineExplanation(
            times=times,
            half_day=half_day,
            row_half_day=half_day,
            verdict=Verdict.PROPOSED,
            distance_100m=proposal.distance_100m,
            points=proposal.points,
            candidates=proposal.candidate_count,
            has_more_candidates=proposal.has_more_candidates,
            reason=proposal.reason,
        )
    failing = first_failing_rule(problem, 0, row)
    if failing.rule is not Rule.NONE:
        return LineExplanation(
            times=times,
            half_day=half_day,
            row_half_day=half_day,
            verdict=_RULE_VERDICTS[failing.rule],
            metres_beyond=failing.metres_beyond,
            missing_attributes=failing.missing_attributes,
        )
    verdict = standing.verdict(
        line,
        half_day=half_day,
        proposed=proposed,
        weekly_cap=int(problem.v_cap[0]),
    )
    return LineExplanation(times=times, half_day=half_day, row_half_day=half_day, verdict=verdict)
