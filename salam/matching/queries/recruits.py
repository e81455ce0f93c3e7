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

# The first person of an ordinary need is worth about 100 points: what a worth is compared with.
NEED_WORTH: Final = 100 * VALUE_PER_POINT


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

    @property
    def kind_name(self) -> str:
        return str(self.kind.label)

    @property
    def points(self) -> int:
        return point_worth(worth=self.worth)

    @property
    def points_of_two(self) -> int | None:
        return point_worth(worth=self.worth_of_two) if self.worth_of_two else None


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
    return _told(rows.order_by("-worth", "kind", "pk")[:top])


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
    words = {
        "place": recruit.place_name,
        "what": recruit.what,
        "needs": grouped(round(recruit.worth / NEED_WORTH, 1)),
    }
    sentences = {
        RecruitKind.VOLUNTEER: _(
            "در شهرستان %(place)s، یک داوطلب تازه با مهارت «%(what)s» به اندازهٔ %(needs)s نیاز "
            "معمولی می‌ارزد."
        ),
        RecruitKind.LANGUAGE: _(
            "در %(place)s، یک داوطلب که «%(what)s» هم بداند، تا %(needs)s نیاز معمولی می‌ارزد."
        ),
        RecruitKind.HALF_DAY: _(
            "در شهرستان %(place)s، یک نیم‌روزِ بیشتر از داوطلبی که وقتش پر است، تا %(needs)s نیاز "
            "معمولی می‌ارزد."
        ),
        RecruitKind.SEAT: _(
            "در شهرستان %(place)s، یک جای بیشتر در «%(what)s» به اندازهٔ %(needs)s نیاز معمولی "
            "می‌ارزد."
        ),
        RecruitKind.VETTING: _(
            "در شهرستان %(place)s، رساندن یک داوطلب به تأیید «%(what)s» تا %(needs)s نیاز معمولی "
            "می‌ارزد."
        ),
    }
    return sentences[recruit.kind] % words


def _told(rows: QuerySet[RecruitFigure]) -> list[Recruit]:
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
        )
        for row in rows
    ]


def _what(row: RecruitFigure, skills: Mapping[str, str], tiers: Mapping[str, str]) -> str:
    if row.organization is not None:
        return row.organization.name
    if row.kind == RecruitKind.VETTING:
        return tiers.get(row.key, row.key)
    return skills.get(row.key, row.key)
