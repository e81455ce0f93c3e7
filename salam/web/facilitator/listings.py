"""The list of needs, as its screen declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.core.language import listed
from salam.core.quantities import grouped
from salam.needs.enums import NeedStatus, Urgency
from salam.needs.queries import few_need_places
from salam.needs.timing import half_days_of, in_words
from salam.web.filtering import (
    ChoiceFilter,
    Control,
    Filter,
    PlaceFilter,
    Rows,
    UnfoldedTextFilter,
)
from salam.web.listing import Column, Listing
from salam.web.templatetags.persian import own_words

# A choice of more places is no choice; then one goes down the tree.
_PLACES_MAX = 60
_EVERY_STATUS = "all"


@dataclass(frozen=True, kw_only=True)
class StatusFilter(ChoiceFilter):
    """Open needs unless the address says otherwise; the query has taken them apart already."""

    def apply(self, rows: Rows, control: Control) -> Rows:
        del control
        return rows


def wanted_status(asked: Mapping[str, str]) -> NeedStatus | None:
    """Which needs the address asks for; None for all of them."""
    statuses = {NeedStatus.CLOSED.value: NeedStatus.CLOSED, _EVERY_STATUS: None}
    return statuses.get(asked.get("status", ""), NeedStatus.OPEN)


def needs_listing(*, actor: Actor, today: date) -> Listing:
    """The list with the places of whoever looks at it."""
    return Listing(
        name="needs",
        caption=gettext_lazy("نیازهای محله‌های شما"),
        columns=_columns(today),
        filters=(
            UnfoldedTextFilter(
                key="words",
                label=gettext_lazy("در متن نیاز"),
                lookups=("title", "what"),
            ),
            StatusFilter(
                key="status",
                label=gettext_lazy("وضعیت"),
                lookup="status",
                choices=(
                    (NeedStatus.CLOSED.value, NeedStatus.CLOSED.label),
                    (_EVERY_STATUS, gettext_lazy("باز و بسته")),
                ),
                all_label=NeedStatus.OPEN.label,
            ),
            ChoiceFilter(
                key="urgency",
                label=gettext_lazy("فوریت"),
                lookup="urgency",
                choices=tuple(reversed(Urgency.choices)),
            ),
            _place_filter(actor, today),
        ),
        # Needs are about places: nobody is in them.
        holds_people=False,
        empty_title=gettext_lazy("هنوز نیازی در این محله‌ها نوشته نشده است."),
        empty_text=gettext_lazy("نخستین نیازی را که در محله شنیدید بنویسید؛ دو دقیقه وقت می‌برد."),
        empty_action=gettext_lazy("نیاز تازه‌ای می‌نویسم"),
    )


def times_in_words(need: Any) -> str:
    """The times of a need's lines, each once, in the order of the week."""
    lines = sorted(need.lines.all(), key=lambda line: (half_days_of(line), line.pk))
    return listed(dict.fromkeys(in_words(line) for line in lines))


def _columns(today: date) -> tuple[Column, ...]:
    return (
        Column(
            key="title",
            label=gettext_lazy("نیاز"),
            value="title",
            url=lambda need: reverse("facilitator:need", args=[need.public_id]),
        ),
        Column(
            key="urgency",
            label=gettext_lazy("فوریت"),
            value=lambda need: str(need.get_urgency_display()),
            order_by=("urgency",),
        ),
        Column(
            key="place",
            label=gettext_lazy("جا"),
            value="place.name",
            shown=own_words,
            order_by=("place__sort_key",),
        ),
        Column(key="half_days", label=gettext_lazy("کِی"), value=times_in_words),
        Column(
            key="people",
            label=gettext_lazy("آری گفته‌اند"),
            value=lambda need: (need.people_found, need.people_wanted),
            shown=_found_of_wanted,
            order_by=("people_found",),
            export_value=lambda need: _found_of_wanted((need.people_found, need.people_wanted)),
        ),
        Column(
            key="age",
            label=gettext_lazy("از"),
            value=lambda need: (today - local_day(need.created_at)).days,
            shown=_days_ago,
            order_by=("created_at",),
        ),
        Column(
            key="state",
            label=gettext_lazy("وضعیت"),
            value=lambda need: str(need.get_status_display()),
        ),
    )


def _found_of_wanted(counts: tuple[int, int]) -> str:
    found, wanted = counts
    return _("{found} از {wanted} نفر").format(found=grouped(found), wanted=grouped(wanted))


def _days_ago(days: int) -> str:
    if days <= 0:
        return _("امروز")
    return _("{days} روز پیش").format(days=grouped(days))


def _place_filter(actor: Actor, today: date) -> Filter:
    places = few_need_places(actor=actor, on=today, limit=_PLACES_MAX)
    if places is None:
        return PlaceFilter(key="place", label=gettext_lazy("جا"), lookup="place__path")
    return ChoiceFilter(
        key="place",
        label=gettext_lazy("جا"),
        lookup="place__code",
        choices=tuple((place.code, place.name) for place in places),
        all_label=gettext_lazy("همهٔ محله‌های من"),
    )
