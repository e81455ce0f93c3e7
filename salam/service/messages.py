"""What this room says to people. Neutral: a shared phone must not tell what somebody does."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from salam.messaging.registry import MessageTemplate

OFFER_WAITING: Final = MessageTemplate(
    code="service.offer_waiting",
    text=_("سلام محله: پیشنهاد تازه‌ای برای شما هست. هر وقت خواستید صفحهٔ خودتان را ببینید."),
    purpose="offer",
)
HOURS_KEPT: Final = MessageTemplate(
    code="service.hours_kept",
    text=_("سلام محله: خبر خوبی در صفحهٔ شما هست. از همراهی‌تان سپاسگزاریم."),
    purpose="hours",
)
TEMPLATES: Final = (OFFER_WAITING, HOURS_KEPT)
