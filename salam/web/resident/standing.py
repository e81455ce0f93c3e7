"""Why nothing is offered to somebody at the moment, and what they can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from salam.people.enums import ConsentPurpose, VolunteerStatus
from salam.people.queries import MatchableObstacle, OwnProfile


@dataclass(frozen=True)
class Standing:
    """One sentence, and where the one thing to do is done; both empty where it is elsewhere."""

    text: str
    url: str = ""
    action: str = ""


def standing_of(profile: OwnProfile) -> Standing | None:
    """None for somebody whom nothing keeps from being offered something."""
    if profile.status is None:
        return Standing(_("شما در دفتر داوطلبان نیستید، پس پیشنهادی هم نمی‌گیرید."))
    if profile.obstacle is None:
        return None
    if profile.is_paused:
        return Standing(
            _("در استراحتید و پیشنهاد تازه‌ای نمی‌گیرید."),
            reverse("resident:rest"),
            _("دوباره پیشنهاد می‌گیرم"),
        )
    if profile.status is VolunteerStatus.INVITED:
        return _of_invited(profile)
    if profile.status is VolunteerStatus.WITHDRAWN:
        return Standing(_("انصراف داده‌اید. برای برگشتن به نزدیک‌ترین مرکز مثبت زندگی بروید."))
    return Standing(_what_is_missing(profile), reverse("resident:profile"), _("کاملش می‌کنم"))


def _of_invited(profile: OwnProfile) -> Standing:
    """The first thing that is missing before somebody may be asked at all."""
    if not profile.agrees_to(ConsentPurpose.MATCHING):
        return Standing(
            _("تا رضایت ندهید پیشنهادی نمی‌گیرید."),
            reverse("resident:consents"),
            _("رضایت‌ها را می‌بینم"),
        )
    if not profile.has_birth_date:
        return Standing(
            _("تاریخ تولدتان ثبت نشده است. با کارت شناسایی به نزدیک‌ترین مرکز مثبت زندگی بروید."),
        )
    return Standing(
        _(
            "زیر ۱۸ سال دارید. پدر، مادر یا سرپرستتان باید در نزدیک‌ترین مرکز مثبت زندگی "
            "رضایت بدهد؛ پس از آن پیشنهاد می‌گیرید."
        ),
    )


def _what_is_missing(profile: OwnProfile) -> str:
    sentences = {
        MatchableObstacle.NO_HOME: _("محلهٔ خانه‌تان را ننوشته‌اید؛ پیشنهادها از نزدیک خانه می‌آید."),
        MatchableObstacle.NO_SKILL: _("هنوز مهارتی ننوشته‌اید؛ با آن می‌فهمیم چه پیشنهاد کنیم."),
        MatchableObstacle.NO_TIME: _("هنوز وقت آزادی ننوشته‌اید؛ یک نیم‌روز هم بس است."),
    }
    unclear = _("چیزی در پروندهٔ شما کم است؛ به نزدیک‌ترین مرکز مثبت زندگی بروید.")
    return sentences.get(profile.obstacle, unclear) if profile.obstacle else unclear
