"""What one more volunteer, half-day, seat or level of vetting would add to a run's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from salam.core.quantities import grouped
from salam.engine.problem import VALUE_PER_POINT
from salam.matching.enums import LIVE_RUNS, RecruitKind
from salam.matching.models import RecruitFigure, Run
from salam.people.enums import VettingTier
from salam.people.queries import list_active_skills
from salam.places.models import Place

# Kept with a run: the median worth of a place in its plan, in units of 100 m. Points multiply by
# urgency and place, so that no fixed number of them is an ordinary need everywhere.
TYPICAL_WORTH: Final = "typical_worth"
# From here on a tenth of a place says nothing more.
_TENTHS_BELOW: Final = 10


@dataclass(frozen=True, kw_only=True)
class Recruit:
    """One thing of which one more would add something, in words and as numbers."""

    kind: RecruitKind
    place_code: str
    place_name: str
    province_code: str
    latitude: float
    longitude: float
    key: str
    what: str
    """The skill, the institution or the level of vetting; empty for half-days."""
    worth: int
    worth_of_two: int
    typical_worth: int
    """Of a place in the plan of the run; 0 where it was not kept."""

    @property
    def kind_name(self) -> str:
        return str(self.kind.label)

    @property
    def points(self) -> int:
        return point_worth(worth=self.worth)

    @property
    def points_of_two(self) -> int | None:
        return point_worth(worth=self.worth_of_two) if self.worth_of_two else None


def typical_points(*, run: Run) -> int | None:
    """The worth in points of a place in a run's plan, half of them being worth more and half less;
    None for a plan without any, and for a run of before this was kept.
    """
    worth = run.parameters.get(TYPICAL_WORTH, 0)
    return point_worth(worth=worth) if worth else None


def point_worth(*, worth: int) -> int:
    """Units of 100 m as whole points."""
    return round(worth / VALUE_PER_POINT)


def last_run_with_recruits(*, place: Place) -> Run | None:
    """The newest live run over a place or around it that was priced; None where there is none."""
    return (
        Run.objects.filter(
            status__in=LIVE_RUNS, place__path__above=place.path, recruit_figures__isnull=False
        )
        .select_related("place")
        .order_by("-pk")
        .first()
    )


def recruits_of(
    *,
    run: Run,
    within_path: str | None = None,
    kind: RecruitKind | None = None,
    top: int | None = None,
) -> Sequence[Recruit]:
    """What would add most first; two queries. Rows are bounded: see ``actions.recruiting``.

    Languages are told for the run's whole place only, and so drop out of any part of it.
    """
    rows = RecruitFigure.objects.filter(run=run).select_related("place", "organization")
    if within_path is not None and within_path != run.place.path:
        rows = rows.filter(place__path__within=within_path).exclude(kind=RecruitKind.LANGUAGE)
    if kind is not None:
        rows = rows.filter(kind=kind)
    return _told(
        rows.order_by("-worth", "kind", "pk")[:top],
        typical_worth=run.parameters.get(TYPICAL_WORTH, 0),
    )


def best_recruits_by_part(*, recruits: Sequence[Recruit], by_province: bool) -> dict[str, Recruit]:
    """The best of each province, or of each county, by its code; what has no county is left out."""
    best: dict[str, Recruit] = {}
    for one in recruits:
        if one.kind == RecruitKind.LANGUAGE:
            continue
        code = one.province_code if by_province else one.place_code
        if code not in best or best[code].worth < one.worth:
            best[code] = one
    return best


def recruit_sentence(*, recruit: Recruit) -> str:
    """One recruit in plain words."""
    words = {"place": recruit.place_name, "what": recruit.what, "worth": _worth_words(recruit)}
    sentences = {
        RecruitKind.VOLUNTEER: _(
            "در شهرستان %(place)s، یک داوطلب تازه با مهارت «%(what)s» %(worth)s می‌ارزد."
        ),
        RecruitKind.LANGUAGE: _(
            "در %(place)s، یک داوطلب که «%(what)s» هم بداند، تا %(worth)s می‌ارزد."
        ),
        RecruitKind.HALF_DAY: _(
            "در شهرستان %(place)s، یک نیم‌روزِ بیشتر از داوطلبی که وقتش پر است، تا %(worth)s می‌ارزد."
        ),
        RecruitKind.SEAT: _("در شهرستان %(place)s، یک جای بیشتر در «%(what)s» %(worth)s می‌ارزد."),
        RecruitKind.VETTING: _(
            "در شهرستان %(place)s، رساندن یک داوطلب به تأیید «%(what)s» تا %(worth)s می‌ارزد."
        ),
    }
    return sentences[recruit.kind] % words


def _worth_words(recruit: Recruit) -> str:
    points = grouped(recruit.points)
    if not recruit.typical_worth:
        return _("%(points)s امتیاز") % {"points": points}
    times = round(recruit.worth / recruit.typical_worth, 1)
    shown = round(times) if times >= _TENTHS_BELOW or times % 1 == 0 else times
    if not shown:
        return _("%(points)s امتیاز") % {"points": points}
    return _("%(points)s امتیاز، به اندازهٔ %(times)s پیشنهاد معمولی این چینش،") % {
        "points": points,
        "times": grouped(shown),
    }


def _told(rows: QuerySet[RecruitFigure], *, typical_worth: int) -> list[Recruit]:
    is_english = (get_language() or "fa").startswith("en")
    skills = {
        skill.code: skill.name_en if is_english else skill.name_fa for skill in list_active_skills()
    }
    tiers = {str(tier.value): str(tier.label) for tier in VettingTier}
    return [
        Recruit(
            kind=RecruitKind(row.kind),
            place_code=row.place.code,
            place_name=row.place.name,
            province_code=row.place.province_code,
            latitude=row.place.latitude,
            longitude=row.place.longitude,
            key=row.key,
            what=_what(row, skills, tiers),
            worth=row.worth,
            worth_of_two=row.worth_of_two,
            typical_worth=typical_worth,
        )
        for row in rows
    ]


def _what(row: RecruitFigure, skills: Mapping[str, str], tiers: Mapping[str, str]) -> str:
    if row.organization is not None:
        return row.organization.name
    if row.kind == RecruitKind.VETTING:
        return tiers.get(row.key, row.key)
    return skills.get(row.key, row.key)
