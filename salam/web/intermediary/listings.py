"""The lists of an intermediary's desk, as their screens declare them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from salam.core.dates import half_day_name, jalali, jalali_instant, local_day
from salam.core.durations import duration_in_words
from salam.service.enums import AssignmentStatus
from salam.service.queries import Office
from salam.web.filtering import ChoiceFilter, DateFilter, UnfoldedTextFilter
from salam.web.listing import BulkAction, Column, Listing, RowAction
from salam.web.templatetags.persian import own_words

SHORT_LENGTH: Final = 5


@dataclass(frozen=True)
class TypedMinutes:
    """What stands in the box of one session's row."""

    name: str
    typed: str
    error: str = ""


def short(listing: Listing) -> Listing:
    """The beginning of a list on the desk: nothing to filter, sort or choose."""
    columns = tuple(replace(column, order_by=()) for column in listing.columns)
    return replace(
        listing,
        columns=columns,
        filters=(),
        bulk_actions=(),
        default_sort="",
    )


def offers_listing(offices: Sequence[Office]) -> Listing:
    """Offers nobody has answered. No name: who has not said yes is nobody's business."""
    return Listing(
        name="offers",
        caption=_("پیشنهادهایی که پاسخشان نیامده"),
        columns=(
            Column(key="need", label=_("نیاز"), value="need_line.need.title"),
            Column(
                key="place",
                label=_("جا"),
                value="need_line.need.place.name",
                shown=own_words,
                order_by=("need_line__need__place__sort_key",),
            ),
            _half_day("half_day", "half_day"),
            Column(
                key="until",
                label=_("مهلت پاسخ"),
                value="answer_by",
                shown=jalali_instant,
                order_by=("answer_by",),
            ),
            *_office_column(offices, "organization.name"),
        ),
        filters=(
            UnfoldedTextFilter(
                key="words",
                label=_("در عنوان نیاز"),
                lookups=("need_line__need__title",),
            ),
            *_office_filter(offices, "organization_id"),
        ),
        default_sort="until",
        row_actions=_withdraw,
        empty_title=_("پیشنهادی در انتظار پاسخ نیست."),
        empty_text=_("وقتی ستاد پیشنهادهای تازه را آزاد کند، اینجا دیده می‌شود."),
    )


def assignments_listing(offices: Sequence[Office]) -> Listing:
    """People who said yes."""
    return Listing(
        name="assignments",
        caption=_("کسانی که آری گفته‌اند"),
        columns=(
            Column(
                key="name",
                label=_("داوطلب"),
                value=lambda one: full_name(one.person),
                url=lambda one: reverse("intermediary:assignment", args=[one.public_id]),
            ),
            Column(
                key="need",
                label=_("نیاز"),
                value="offer.need_line.need.title",
                shown=own_words,
            ),
            _half_day("half_day", "offer.half_day", order_by=("offer__half_day",)),
            Column(
                key="next",
                label=_("نوبت بعدی"),
                value="next_on",
                shown=_day_or_none,
                order_by=("next_on",),
            ),
            Column(
                key="state",
                label=_("وضعیت"),
                value=lambda one: str(one.get_status_display()),
                order_by=("status",),
            ),
            Column(
                key="since",
                label=_("از"),
                value=lambda one: local_day(one.started_at),
                shown=jalali,
                order_by=("started_at",),
            ),
            *_office_column(offices, "organization.name"),
        ),
        filters=(
            UnfoldedTextFilter(
                key="words",
                label=_("در عنوان نیاز"),
                lookups=("offer__need_line__need__title",),
            ),
            ChoiceFilter(
                key="state",
                label=_("وضعیت"),
                lookup="status",
                choices=AssignmentStatus.choices,
                all_label=_("در جریان و درنگ"),
            ),
            *_office_filter(offices, "organization_id"),
        ),
        default_sort="-since",
        empty_title=_("هنوز کسی آری نگفته است."),
        empty_text=_("پیشنهادها به داوطلب‌ها رسیده است؛ هر کس بپذیرد اینجا با نام می‌آید."),
    )


def hours_listing(
    offices: Sequence[Office],
    box: Callable[[Any], TypedMinutes] | None = None,
) -> Listing:
    """Sessions whose day has come; ``box`` gives what stands in a row's box of minutes."""
    return Listing(
        name="hours",
        caption=_("ساعت‌هایی که تأیید شما را می‌خواهد"),
        columns=(
            _name(),
            _minutes_box(box) if box is not None else _reported(),
            *_session_columns(),
            *_office_column(offices, "assignment.host.name"),
        ),
        filters=(
            DateFilter(key="day", label=_("روز"), lookup="happens_on"),
            *_office_filter(offices, "assignment__host_id"),
        ),
        default_sort="day",
        row_key="public_id",
        row_actions=_not_held,
        bulk_actions=(
            BulkAction(key="review", label=_("انتخاب‌شده‌ها را می‌بینم"), icon="check-circle"),
        ),
        empty_title=_("ساعتی در انتظار تأیید نیست."),
        empty_text=_("پس از هر نوبت، ساعتش اینجا می‌آید."),
    )


def confirmed_listing(offices: Sequence[Office]) -> Listing:
    """Sessions whose hours stand in the bank."""
    return Listing(
        name="confirmed",
        caption=_("ساعت‌هایی که تأیید کرده‌اید"),
        columns=(
            _name(),
            *_session_columns(),
            Column(
                key="minutes",
                label=_("مدت"),
                value="confirmed_minutes",
                shown=lambda minutes: duration_in_words(minutes=minutes),
                order_by=("confirmed_minutes",),
            ),
            *_office_column(offices, "assignment.host.name"),
        ),
        filters=(
            DateFilter(key="day", label=_("روز"), lookup="happens_on"),
            *_office_filter(offices, "assignment__host_id"),
        ),
        default_sort="-day",
        row_actions=lambda one: [
            RowAction(
                label=_("برمی‌گردانم"),
                url=reverse("intermediary:reverse_hours", args=[one.public_id]),
                icon="arrow-clockwise",
            ),
        ],
        empty_title=_("هنوز ساعتی تأیید نشده است."),
        empty_text=_("هر نوبتی که تأیید کنید اینجا می‌ماند."),
    )


def full_name(person: Any) -> str:
    return f"{person.given_name} {person.family_name}"


def _name() -> Column:
    return Column(
        key="name",
        label=_("داوطلب"),
        value=lambda one: full_name(one.assignment.person),
        url=lambda one: reverse("intermediary:assignment", args=[one.assignment.public_id]),
    )


def _session_columns() -> tuple[Column, ...]:
    return (
        Column(
            key="day",
            label=_("روز"),
            value="happens_on",
            shown=jalali,
            order_by=("happens_on",),
        ),
        Column(
            key="need",
            label=_("نیاز"),
            value="assignment.offer.need_line.need.title",
            shown=own_words,
        ),
    )


def _minutes_box(box: Callable[[Any], TypedMinutes]) -> Column:
    return Column(
        key="minutes",
        label=_("مدت"),
        value=box,
        shown=lambda typed: typed.typed,
        template="intermediary/_minutes.html",
    )


def _reported() -> Column:
    return Column(
        key="minutes",
        label=_("گفتهٔ داوطلب"),
        value="reported_minutes",
        shown=lambda minutes: duration_in_words(minutes=minutes) if minutes else "—",
    )


def _half_day(key: str, value: str, *, order_by: tuple[str, ...] = ("half_day",)) -> Column:
    return Column(key=key, label=_("نیم‌روز"), value=value, shown=half_day_name, order_by=order_by)


def _day_or_none(day: Any) -> str:
    return jalali(day) if day else "—"


def _office_column(offices: Sequence[Office], value: str) -> tuple[Column, ...]:
    """Whoever works for one office knows which it is."""
    if len(offices) < 2:
        return ()
    return (Column(key="office", label=_("مؤسسه"), value=value, shown=own_words),)


def _office_filter(offices: Sequence[Office], lookup: str) -> tuple[ChoiceFilter, ...]:
    if len(offices) < 2:
        return ()
    choices = tuple((office.id, office.name) for office in offices)
    return (ChoiceFilter(key="office", label=_("مؤسسه"), lookup=lookup, choices=choices),)


def _withdraw(offer: Any) -> Sequence[RowAction]:
    url = reverse("intermediary:withdraw_offer", args=[offer.public_id])
    return [RowAction(label=_("پس می‌گیرم"), url=url, icon="x-circle")]


def _not_held(session: Any) -> Sequence[RowAction]:
    if session.status != "planned":
        return []
    url = reverse("intermediary:cancel_session", args=[session.public_id])
    return [RowAction(label=_("برگزار نشد"), url=url, icon="dash-circle")]
