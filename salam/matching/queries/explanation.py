"""Why this person, or why not: found as codes and integers, said in Persian only on view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.dates import half_day_name
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.engine import Rule, first_failing_rule
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries.changes import Surroundings, read_surroundings
from salam.matching.queries.problem import BuiltProblem, build_pair_problem
from salam.matching.queries.reviewing import get_run_for
from salam.matching.queries.runs import last_run_for
from salam.matching.queries.verdicts import LineExplanation, Verdict
from salam.needs.enums import NeedStatus
from salam.needs.models import Need, NeedLine
from salam.needs.queries import get_need_for
from salam.needs.timing import half_days_of, in_words
from salam.people.models import Person
from salam.people.queries import MatchableObstacle, matchable_obstacle, records_of_person
from salam.service.enums import LIVE_OFFERS, OfferStatus
from salam.service.models import Offer

_RULE_VERDICTS = {
    Rule.SLOT: Verdict.NOT_FREE,
    Rule.SKILL: Verdict.NO_SKILL,
    Rule.ATTRIBUTES: Verdict.CONDITION,
    Rule.DISTANCE: Verdict.TOO_FAR,
}
# Half-days of a flexible line of which each is told, instead of the one that came nearest.
_TOLD_EACH = frozenset({Verdict.PROPOSED, Verdict.ASKED, Verdict.SAID_YES})


@dataclass(frozen=True)
class Explanation:
    """All lines of a need for one volunteer, or the one thing that keeps the person or the need
    out of matching altogether.
    """

    obstacle: MatchableObstacle | None
    lines: Sequence[LineExplanation]
    run_id: int | None
    is_need_closed: bool = False

    @property
    def whole(self) -> str:
        """What is to be said of all lines at once; empty where each has its own answer."""
        if self.is_need_closed:
            return _("این نیاز بسته شده است و دیگر پیشنهادی برایش نمی‌رود.")
        if self.lines and all(line.verdict is Verdict.SAID_NO for line in self.lines):
            return self.lines[0].answer
        return self.obstacle.label if self.obstacle is not None else ""

    @property
    def sentences(self) -> list[str]:
        if self.whole:
            return [self.whole]
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
    is_closed = need.status != NeedStatus.OPEN
    if obstacle is not None or is_closed:
        return Explanation(obstacle=obstacle, lines=(), run_id=run_id, is_need_closed=is_closed)
    built = build_pair_problem(person_id=person_id, need_id=need_id, on=on)
    standing = _Standing(run, person_id, need)
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
    explanation: Explanation


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
    return WhyProposed(run=run, title=need.title, explanation=told)


def _require_about_person(actor: Actor, person_id: int) -> None:
    """An answer tells half-days and, need by need, where a home is: it is not for everybody."""
    home_path = (
        Person.objects.filter(pk=person_id).values_list("home_place__path", flat=True).first()
    )
    require(actor, Verb.PROPOSAL_EXPLAIN, Scope(place_path=home_path))


class _Standing:
    """What live runs made of the person and the intermediary, and what the person answered; at most
    five queries, and one a line.
    """

    def __init__(self, run: Run | None, person_id: int, need: Need) -> None:
        self.run = run
        self.own: dict[tuple[int, int], Proposal] = {}
        self.are_seats_full = False
        offers = Offer.objects.filter(person_id__in=records_of_person(person_id=person_id))
        live = offers.filter(status__in=LIVE_OFFERS)
        self.asked: dict[tuple[int, int], str] = {
            (line_id, half_day): status
            for line_id, half_day, status in live.values_list("need_line_id", "half_day", "status")
        }
        # As a run has it: an answer counts for the whole need (service.queries.answered_no).
        declined = offers.filter(status=OfferStatus.DECLINED, need_line__need=need)
        self.said_no = declined.exists()
        self.taken_half_days = {half_day for _line_id, half_day in self.asked}
        if run is None:
            return
        # Other live runs hold their part of the person's week, and of the seats.
        planned = (RunStatus.PROPOSED, RunStatus.RELEASING)
        proposals = Proposal.objects.filter(Q(run__status__in=planned) | Q(run=run))
        mine = proposals.filter(person_id=person_id)
        self.own = {(proposal.need_line_id, proposal.half_day): proposal for proposal in mine}
        self.taken_half_days |= {half_day for _line_id, half_day in self.own}
        used = proposals.filter(need_line__need__intermediary_id=need.intermediary_id).count()
        self.are_seats_full = used >= need.intermediary.seats_weekly

    def answered(self, line_id: int, half_day: int) -> Verdict | None:
        """What the person was asked or said of a half-day of a line, None where neither."""
        status = self.asked.get((line_id, half_day))
        if status is not None:
            return Verdict.SAID_YES if status == OfferStatus.ACCEPTED else Verdict.ASKED
        return Verdict.SAID_NO if self.said_no else None

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
        if len(self.own.keys() | self.asked.keys()) >= weekly_cap:
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
    own = [one for one in told if one.verdict in _TOLD_EACH]
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
    answered = standing.answered(line.pk, half_day)
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
            answered=answered,
        )
    if answered is not None:
        return LineExplanation(
            times=times, half_day=half_day, row_half_day=half_day, verdict=answered
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
