"""The page of what would help a plan most: one more volunteer, half-day, seat, level of vetting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.quantities import grouped
from salam.matching.enums import RecruitKind
from salam.matching.queries import (
    COUNTRY_CODE,
    Recruit,
    best_recruits_by_part,
    recruit_sentence,
)
from salam.people.queries import list_active_skills
from salam.places.queries import children_of, get_place
from salam.web.filtering import ChoiceFilter, TextFilter
from salam.web.listing import Column, Listing
from salam.web.maps import PlacePoint, PointMap, ProvinceValue, TileMap, point_map, tile_map
from salam.web.templatetags.persian import own_words


def _skills() -> list[tuple[str, str]]:
    """Languages are no filter: they are told for the whole place only."""
    return [(one.code, one.name_fa) for one in list_active_skills() if not one.is_language]


RECRUITS = Listing(
    name="recruits",
    caption=gettext_lazy("چه چیزِ بیشتری بیش از همه کمک می‌کند، ارزشمندترین نخست"),
    columns=(
        Column(key="kind", label=gettext_lazy("چه چیز"), value="kind_name"),
        Column(
            key="place",
            label=gettext_lazy("شهرستان"),
            value="place_name",
            template="hq/_own_words.html",
        ),
        Column(
            key="what",
            label=gettext_lazy("مهارت، نهاد یا تأیید"),
            value="what",
            template="hq/_own_words.html",
        ),
        Column(
            key="points",
            label=gettext_lazy("ارزش (امتیاز)"),
            value="points",
            order_by=("points",),
            is_numeric=True,
        ),
        Column(
            key="points_of_two",
            label=gettext_lazy("با دو نیم‌روز در هفته (امتیاز)"),
            value="points_of_two",
            is_numeric=True,
        ),
    ),
    filters=(
        ChoiceFilter(
            key="kind",
            label=gettext_lazy("چه چیز"),
            lookup="kind",
            choices=RecruitKind.choices,
        ),
        ChoiceFilter(key="skill", label=gettext_lazy("مهارت"), lookup="key", choices=_skills),
        TextFilter(key="name", label=gettext_lazy("نام شهرستان"), lookups=("place_name",)),
    ),
    holds_people=False,
    row_key="key",
    empty_title=gettext_lazy("چیزی برای نشان دادن نیست."),
    empty_text=gettext_lazy(
        "یا همهٔ نیازها پوشیده است، یا ارزش‌ها هنگام ذخیرهٔ این اجرا حساب نشده است."
    ),
)


def recruits_context(
    recruits: Sequence[Recruit], *, place_code: str, skill: str, on: date
) -> dict[str, object]:
    """Map and sentences for volunteers with the chosen skill, or for whatever they can do."""
    shown = [
        one
        for one in recruits
        if one.kind == RecruitKind.VOLUNTEER and (not skill or one.key == skill)
    ]
    return {
        "sentences": [recruit_sentence(recruit=one) for one in _best_of_each_kind(recruits)],
        "country_map": _country_map(shown, on=on) if place_code == COUNTRY_CODE and shown else None,
        "counties_map": _counties_map(shown) if shown else None,
    }


def _best_of_each_kind(recruits: Sequence[Recruit]) -> list[Recruit]:
    best: dict[RecruitKind, Recruit] = {}
    for one in recruits:
        best.setdefault(one.kind, one)
    return list(best.values())


def _source() -> str:
    return _("قیمت‌های همین اجرا، هنگام ذخیرهٔ آن")


def _country_map(recruits: Sequence[Recruit], *, on: date) -> TileMap:
    best = best_recruits_by_part(recruits=recruits, by_province=True)
    provinces = children_of(place=get_place(code=COUNTRY_CODE), on=on)
    names = {one.province_code: one.name for one in provinces}
    top = max(best.values(), key=lambda one: one.worth)
    return tile_map(
        element_id="recruit-map",
        title=_("ارزش یک داوطلب تازه در استان‌ها (امتیاز)"),
        sentence=format_html(
            _("بیشترین در استان {name} است: {points} امتیاز."),
            name=own_words(names.get(top.province_code, top.place_name)),
            points=grouped(top.points),
        ),
        source=_source(),
        values=[
            ProvinceValue(code=code, name=own_words(names.get(code, "")), value=one.points)
            for code, one in best.items()
        ],
        measure=_("امتیاز"),
    )


def _counties_map(recruits: Sequence[Recruit]) -> PointMap:
    best = best_recruits_by_part(recruits=recruits, by_province=False)
    top = max(best.values(), key=lambda one: one.worth)
    return point_map(
        element_id="recruit-points",
        title=_("ارزش یک داوطلب تازه در شهرستان‌ها (امتیاز)"),
        sentence=_("%(count)s شهرستان عددی دارد؛ بزرگ‌ترینش %(most)s امتیاز است.")
        % {"count": grouped(len(best)), "most": grouped(top.points)},
        source=_source(),
        places=[
            PlacePoint(
                name=one.place_name,
                value=one.points,
                latitude=one.latitude,
                longitude=one.longitude,
            )
            for one in best.values()
        ],
        heading=_("شهرستان"),
        measure=_("امتیاز"),
    )
