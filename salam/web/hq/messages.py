"""How messages stand, for those who look after the gateway: counts and texts, never whose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.dates import jalali_instant, local_day
from salam.core.quantities import grouped
from salam.core.verbs import Verb
from salam.messaging.actions import retry_failed
from salam.messaging.enums import Failure, RetryReason
from salam.messaging.queries import (
    Cost,
    DeadLetters,
    TemplateState,
    costs_since,
    dead_letters,
    dead_letters_of,
    delivery_board,
)
from salam.web.charts import DataCell, DataTable
from salam.web.forms import KitForm
from salam.web.gate import actor_of, desk_required
from salam.web.listing import Column, Listing, RowAction, listing_response
from salam.web.templatetags.persian import own_words

COSTS_WITHIN: Final = timedelta(days=30)


def failure_words(error_code: str) -> str:
    """The reason in words; one that a later version no longer knows is still a reason."""
    known = error_code in set(Failure.values)
    return str(Failure(error_code).label) if known else _("دلیلی دیگر")


def _row_actions(letters: DeadLetters) -> Sequence[RowAction]:
    if not letters.may_retry:
        return ()
    url = reverse("hq:retry_messages", args=[letters.template, letters.error_code])
    return (RowAction(label=_("دوباره بفرستم"), url=url, icon="arrow-clockwise"),)


DEAD_LETTERS: Final = Listing(
    name="dead_letters",
    caption=gettext_lazy("پیام‌های نرسیده، به تفکیک متن و دلیل"),
    columns=(
        Column(
            key="text",
            label=gettext_lazy("متن"),
            value="text",
            template="hq/_own_words.html",
        ),
        Column(
            key="reason",
            label=gettext_lazy("چرا نرسید"),
            value="error_code",
            shown=failure_words,
        ),
        Column(key="count", label=gettext_lazy("پیام"), value="count", is_numeric=True),
        Column(
            key="last",
            label=gettext_lazy("آخرین بار"),
            value="last_at",
            shown=lambda instant: jalali_instant(instant) if instant else "—",
        ),
    ),
    holds_people=False,
    row_key="key",
    row_actions=_row_actions,
    empty_title=gettext_lazy("همه رسیده است."),
    empty_text=gettext_lazy("پیامی که پس از چند بار کوشش نرسد، این‌جا می‌آید تا دوباره بفرستید."),
)


class RetryForm(KitForm):
    """One reason for all of them; nothing is typed."""

    reason = forms.ChoiceField(
        label=gettext_lazy("چرا دوباره می‌فرستید؟"),
        choices=RetryReason.choices,
        widget=forms.RadioSelect,
    )


@desk_required(Verb.MESSAGE_OPERATE)
@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """What waits, what arrived, what did not, and what it costs."""
    actor = actor_of(request)
    board = delivery_board(actor=actor)
    costs = costs_since(since=local_day(timezone.now()) - COSTS_WITHIN)
    context = {
        "totals": _totals(board),
        "texts": [_card(state) for state in board],
        "costs": _costs_table(costs, board) if costs else None,
    }
    return listing_response(
        request,
        DEAD_LETTERS,
        dead_letters(actor=actor),
        template="hq/messages.html",
        context=context,
    )


@desk_required(Verb.MESSAGE_OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: HttpRequest, template: str, error_code: str) -> HttpResponse:
    """What is sent again and why; and with a POST it stands in the queue."""
    form = RetryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        count = retry_failed(
            actor=actor_of(request),
            template=template,
            error_code=error_code,
            reason=RetryReason(form.cleaned_data["reason"]),
            now=timezone.now(),
        )
        messages.success(request, _told(count))
        return HttpResponseRedirect(reverse("hq:messages"))
    letters = dead_letters_of(actor=actor_of(request), template=template, error_code=error_code)
    return render(request, "hq/confirm.html", {**_question(letters), "form": form})


def _told(count: int) -> str:
    if not count:
        return _("همکار دیگری پیش‌تر این پیام‌ها را دوباره فرستاده است.")
    return _("%(count)s پیام دوباره در صف است.") % {"count": grouped(count)}


def _question(letters: DeadLetters) -> dict[str, object]:
    return {
        "title": _("دوباره فرستادن پیام‌های نرسیده"),
        "sentences": [
            _("هر پیام دوباره چند بار آزموده می‌شود. کسی که دیگر پیام نخواهد، پیامی نمی‌گیرد."),
            _("اگر پیامی پیش‌تر رسیده و خبرش به ما نرسیده باشد، گیرنده آن را دو بار می‌خواند."),
        ],
        "facts": [
            (_("متن"), own_words(letters.text)),
            (_("چرا نرسید"), failure_words(letters.error_code)),
            (_("پیام"), grouped(letters.count)),
        ],
        "action": _("دوباره می‌فرستم"),
        "cancel_url": reverse("hq:messages"),
    }


def _totals(board: Sequence[TemplateState]) -> dict[str, int]:
    names = ("waiting", "sent", "delivered", "failed", "withheld", "unsure")
    return {name: sum(getattr(state, name) for state in board) for name in names}


def _card(state: TemplateState) -> dict[str, object]:
    facts = [
        (_("بخش پیامک"), grouped(state.parts)),
        (_("در صف"), grouped(state.waiting)),
        (_("فرستاده‌شده"), grouped(state.sent)),
        (_("رسیده"), grouped(state.delivered)),
        (_("نرسیده"), grouped(state.failed)),
    ]
    return {"title": own_words(state.text), "facts": facts}


def _costs_table(costs: Sequence[Cost], board: Sequence[TemplateState]) -> DataTable:
    texts = {state.code: state.text for state in board}
    return DataTable(
        caption=_("پیامک‌های ۳۰ روز گذشته، به تفکیک متن و درگاه"),
        headings=[_("متن"), _("درگاه"), _("پیام"), _("بخش پیامک")],
        rows=[
            [
                DataCell(texts.get(cost.template, cost.template), is_name=True),
                DataCell(cost.gateway),
                DataCell(grouped(cost.messages)),
                DataCell(grouped(cost.parts)),
            ]
            for cost in costs
        ],
    )
