"""The public map: what may be shown is decided in reporting, how it is drawn here."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from salam.core.quantities import grouped
from salam.reporting.queries import Overview, PlaceRow
from salam.web.maps import ProvinceValue, TileMap, tile_map
from salam.web.templatetags.persian import own_words


def volunteer_map(overview: Overview) -> TileMap | None:
    """Volunteers by province; None before the places are loaded."""
    provinces = [row for row in overview.rows if row.has_page]
    if not provinces:
        return None
    return tile_map(
        element_id="volunteer-map",
        title=_("داوطلبان در استان‌ها"),
        sentence=_sentence(provinces),
        source=(
            _("شمارش زندهٔ همین سامانه، با داده‌های ساختگی نمایش")
            if overview.has_generated_people
            else _("شمارش زندهٔ همین سامانه")
        ),
        values=[
            ProvinceValue(
                code=row.code,
                name=row.name,
                value=row.volunteers,
                url=reverse("public:province", args=[row.code]),
            )
            for row in provinces
        ],
        measure=_("داوطلب"),
    )


def _sentence(rows: list[PlaceRow]) -> SafeString:
    """Where most are, and what is not shown."""
    known = [row for row in rows if row.volunteers]
    hidden = sum(row.volunteers is None for row in rows)
    parts: list[str] = []
    if known:
        most = max(known, key=lambda row: row.volunteers or 0)
        parts.append(
            format_html(
                _("بیشترین داوطلب در استان {name} است: {count} نفر."),
                name=own_words(most.name),
                count=grouped(most.volunteers or 0),
            ),
        )
    if hidden:
        parts.append(
            _("شمار %(count)s استان برای حفظ حریم مردم نشان داده نمی‌شود.")
            % {"count": grouped(hidden)},
        )
    return format_html_join(" ", "{}", ((part,) for part in parts)) or SafeString(
        _("هنوز در هیچ استانی داوطلبی ثبت نشده است."),
    )
