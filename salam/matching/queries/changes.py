"""What would have to be otherwise for somebody to be proposed: asked of the engine, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.dates import half_day_name
from salam.core.language import all_of, is_persian, listed
from salam.core.quantities import bits_of, kilometres, numbers_of
from salam.core.text import shown_digits
from salam.engine import Change, Hindrance, Kind, PairExplanation, Plan, explain_pair
from salam.matching.enums import AttributeBit
from salam.matching.models import Run
from salam.matching.queries.occupation import ProposedPlaces, proposed_for, rows_of
from salam.matching.queries.problem import BuiltProblem, build_problem, rows_in
from salam.needs.models import Need
from salam.people.queries import list_active_skills

_PROVINCE_DEPTH: Final = 2
# Nobody is told to be older, or a woman or a man.
_TO_GAIN: Final = bits_of(
    [
        AttributeBit.VETTED_CONTACT,
        AttributeBit.VETTED_UNSUPERVISED,
        AttributeBit.VETTED_PERSONAL_CARE,
        *range(AttributeBit.FIRST_LANGUAGE, 64),
    ]
)
CONDITIONS = {
    AttributeBit.VETTED_CONTACT: gettext_lazy("تأیید صلاحیت برای تماس با مردم"),
    AttributeBit.VETTED_UNSUPERVISED: gettext_lazy("تأیید صلاحیت برای خدمت بدون همراه"),
    AttributeBit.VETTED_PERSONAL_CARE: gettext_lazy("تأیید صلاحیت برای مراقبت و نوزادان"),
    AttributeBit.FEMALE: gettext_lazy("زن‌بودن، به حکم قانون این جایگاه"),
    AttributeBit.MALE: gettext_lazy("مردبودن، به حکم قانون این جایگاه"),
    AttributeBit.ADULT: gettext_lazy("دست‌کم ۱۸ سال سن"),
    AttributeBit.AGE_21: gettext_lazy("دست‌کم ۲۱ سال سن"),
    AttributeBit.AGE_28: gettext_lazy("دست‌کم ۲۸ سال سن"),
}


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The open lines around a need with the plan as it stands now, and whom it is asked about."""

    built: BuiltProblem
    plan: Plan
    person_id: int

    def explain(self, *, line_id: int, half_day: int) -> PairExplanation | None:
        """What the engine says of the person and one half-day of a line, or of any half-day of it
        that is as good; None where one of them is not to be matched.
        """
        person, is_person = rows_of(np.array([self.person_id]), among=self.built.person_ids)
        alike = np.flatnonzero(self.built.line_ids == line_id)
        row = alike[self.built.problem.l_slot[alike] == half_day]
        if not is_person[0] or not len(row):
            return None
        return explain_pair(
            self.built.problem,
            self.plan,
            (int(person[0]), int(row[0])),
            alike=alike,
            attributes_to_gain=_TO_GAIN,
        )


def read_surroundings(*, run: Run, need: Need, person_id: int, on: date) -> Surroundings:
    """The province of a need, or the run's own place where that is smaller; the person is in it
    however far the home is. The places of the run and of the need must be loaded.
    """
    province = ".".join(need.place.path.split(".")[:_PROVINCE_DEPTH])
    path = max(province, run.place.path, key=len)
    built = build_problem(on=on, within_path=path, with_person=person_id)
    proposed = proposed_for(line_ids=np.unique(built.line_ids))
    return Surroundings(built=built, plan=_plan(built, proposed), person_id=person_id)


def _plan(built: BuiltProblem, proposed: ProposedPlaces) -> Plan:
    """Confirmed placements, and proposals of lines and people that are still there."""
    problem = built.problem
    volunteer, is_person = rows_of(proposed.person_id, among=built.person_ids)
    line, is_line = rows_in(
        built, line_id=proposed.need_line_id, half_day=proposed.half_day.astype(np.int64)
    )
    is_there = is_person & is_line
    pairs = np.concatenate(
        [
            np.stack([problem.f_volunteer, problem.f_line], axis=1),
            np.stack([volunteer[is_there], line[is_there]], axis=1),
        ]
    )
    pairs = np.unique(pairs, axis=0).astype(np.int32)
    return Plan(volunteer=pairs[:, 0], line=pairs[:, 1])


def remedy_sentences(*, told: PairExplanation) -> list[str]:
    """In Persian, smallest changes first. Names no other need, place or person."""
    if told.hindrance is Hindrance.NONE:
        return []
    skills = {one.bit: one for one in list_active_skills()} if told.remedies else {}
    sentences = []
    for remedy in told.remedies:
        parts = []
        for change in remedy.changes:
            skill = skills.get(change.amount) if change.kind is Kind.SKILL else None
            name = (skill.name_fa if is_persian() else skill.name_en) if skill else ""
            parts.append(_clause(change, skill_name=name))
        sentences.append(
            _("اگر {changes}، برای این نیاز پیشنهاد می‌شد.").format(changes=all_of(parts))
        )
    return sentences


def _clause(change: Change, *, skill_name: str) -> str:
    if change.kind is Kind.RADIUS:
        # Rounded up: somebody who takes us at our word must not stay some metres short.
        metres = -(-change.amount // 100) * 100
        return _("شعاع رفت‌وآمدش {distance} بیشتر بود").format(distance=kilometres(metres))
    if change.kind is Kind.HALF_DAY_FREE:
        return _("{half_day} آزاد بود").format(half_day=half_day_name(change.amount))
    if change.kind is Kind.SKILL and skill_name:
        return _("مهارت «{skill}» را ثبت کرده بود").format(skill=skill_name)
    if change.kind is Kind.ATTRIBUTES:
        return _("{conditions} را داشت").format(
            conditions=listed(missing_conditions(_highest_vetting(change.amount)))
        )
    return str(_PLAIN_CLAUSES[change.kind])


_PLAIN_CLAUSES = {
    Kind.SKILL: gettext_lazy("یکی از مهارت‌های خواسته‌شده را ثبت کرده بود"),
    Kind.WEEKLY_HALF_DAY: gettext_lazy("یک نیم‌روز دیگر در هفته وقت داشت"),
    Kind.SEAT: gettext_lazy("مؤسسهٔ واسط این نیاز یک جای دیگر داشت"),
}


def _highest_vetting(word: int) -> int:
    """The same word with its highest level of vetting only: who has that has those below."""
    levels = [bit for bit in numbers_of(word) if bit <= AttributeBit.VETTED_PERSONAL_CARE]
    return word & ~bits_of(levels[:-1])


def missing_conditions(word: int) -> list[str]:
    """What the bits of a line stand for, in words; languages are counted, not named."""
    named = [
        str(CONDITIONS[AttributeBit(bit)])
        for bit in numbers_of(word)
        if bit < AttributeBit.FIRST_LANGUAGE
    ]
    count = len(list(numbers_of(word >> AttributeBit.FIRST_LANGUAGE)))
    if count:
        named.append(_("دانستن {count} زبان خواسته‌شده").format(count=shown_digits(count)))
    return named
