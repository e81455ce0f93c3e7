"""What components/confirm.html says before a run is started, released or set aside."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from salam.core.errors import PermissionRefused
from salam.core.language import listed
from salam.core.quantities import grouped
from salam.matching.enums import RunStatus
from salam.reporting.queries import RunReview
from salam.service.actions import ANSWER_WITHIN
from salam.web.templatetags.persian import own_words


def run_url(run_id: int) -> str:
    return reverse("hq:run", args=[run_id])


def start(place: Any) -> dict[str, object]:
    """Before a run over a place stands in line."""
    return {
        "title": _("اجرای تازه"),
        "facts": [(_("جا"), own_words(place.name))],
        "sentences": [
            _("برای نیازهای باز این‌جا از میان داوطلبان، نزدیک‌ترین و مناسب‌ترین چینش پیدا می‌شود."),
            _("تا شما نتیجه را بازبینی نکنید و نفرستید، هیچ‌کس پیامی نمی‌گیرد."),
            _("چینش‌هایی که برای این‌جا هنوز فرستاده نشده‌اند، با این یکی جایگزین می‌شوند."),
        ],
        "action": _("اجرا را آغاز می‌کنم"),
        "cancel_url": reverse("hq:choose_place"),
    }


def release(review: RunReview) -> dict[str, object]:
    """Before the people of a plan are asked. Raises PermissionRefused for who may not."""
    _require_open(review)
    return {
        "title": _("فرستادن این چینش"),
        "sentences": [
            *_with_renewals(review, _("این تازه‌سازی‌ها هم با آن فرستاده می‌شوند: %(places)s.")),
            _("%(count)s نفر پیامی خنثی می‌گیرند: در آن نه نام نیاز هست و نه نام محله.")
            % {"count": grouped(review.people)},
            _("هر یک پیشنهاد را در صفحهٔ خودش می‌بیند و %(count)s روز برای پاسخ وقت دارد.")
            % {"count": grouped(ANSWER_WITHIN.days)},
            _("مؤسسهٔ واسط فقط شمارهٔ کسانی را می‌بیند که بله بگویند. ستاد هیچ‌کس را نمی‌بیند."),
            _("کسی که از زمان اجرا تاکنون کنار کشیده یا روزش پر شده، پیامی نمی‌گیرد و شمرده می‌شود."),
            _("پس از فرستادن، پیام‌ها برنمی‌گردند."),
        ],
        "facts": [
            (_("جا"), own_words(review.run.place.name)),
            (_("پیشنهاد"), grouped(review.to_send)),
            (_("داوطلب"), grouped(review.people)),
        ],
        "action": _("می‌فرستم"),
        "cancel_url": run_url(review.run.pk),
    }


def discard(review: RunReview) -> dict[str, object]:
    """Before a plan is set aside. Raises PermissionRefused for who may not."""
    _require_open(review)
    return {
        "title": _("کنار گذاشتن این چینش"),
        "sentences": [
            _("هیچ‌کس پیامی نمی‌گیرد و نیازها باز می‌مانند."),
            _("این چینش دیگر فرستادنی نیست؛ برای چینشی دیگر اجرای تازه‌ای آغاز می‌کنید."),
            *_with_renewals(review, _("این تازه‌سازی‌ها هم با آن کنار می‌روند: %(places)s.")),
        ],
        "facts": [
            (_("جا"), own_words(review.run.place.name)),
            (_("پیشنهاد"), grouped(review.to_send)),
        ],
        "action": _("کنار می‌گذارم"),
        "is_danger": True,
        "cancel_url": run_url(review.run.pk),
    }


def _with_renewals(review: RunReview, sentence: str) -> list[str]:
    """What else the decision is about; nothing where no renewal waits."""
    places = [own_words(one.run.place.name) for one in review.waiting_renewals]
    return [sentence % {"places": listed(places)}] if places else []


def _require_open(review: RunReview) -> None:
    """Who may not decide finds no such page; nor is there one once a run is decided on."""
    if not review.may_release or review.run.status != RunStatus.PROPOSED:
        raise PermissionRefused
