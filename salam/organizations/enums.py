from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganizationKind(models.TextChoices):
    HEADQUARTERS = "headquarters", _("ستاد")
    DEPUTY_OFFICE = "deputy_office", _("معاونت")
    CENTRE = "centre", _("مرکز مثبت زندگی")
    HUB = "hub", _("کانون سلام محله")
    INTERMEDIARY = "intermediary", _("مؤسسهٔ واسط")
    INSTITUTION = "institution", _("مؤسسه")
    COMPANY = "company", _("شرکت")
    AGENCY = "agency", _("دستگاه همکار")
    GROUP = "group", _("گروه اجتماع‌محور")


class OrganizationStatus(models.TextChoices):
    ACTIVE = "active", _("فعال")
    SUSPENDED = "suspended", _("تعلیق")
    LAPSED = "lapsed", _("پروانه تمام‌شده")
    CLOSED = "closed", _("بسته")


class Theme(models.TextChoices):
    REHABILITATION = "rehabilitation", _("توانبخشی")
    EMPLOYMENT = "employment", _("اشتغال")
    ART = "art", _("هنر")
    SPORT = "sport", _("ورزش")
    CULTURE = "culture", _("فرهنگ")
    SKILLS = "skills", _("مهارت‌آموزی")
    GENERAL = "general", _("عمومی")


class GroupKind(models.TextChoices):
    HEALTH_AIDES = "health_aides", _("همیاران سلامت")
    MICROFINANCE = "microfinance", _("گروه خرد مالی")
    MOHEB = "moheb", _("محب")
    CBR = "cbr", _("توانبخشی مبتنی بر جامعه")
    MANA = "mana", _("مانا")
    KHATAM = "khatam", _("خاتم")


@dataclass(frozen=True)
class MemberLimits:
    """How many members a kind of group has; None: the scheme names no number."""

    minimum: int | None = None
    maximum: int | None = None


# Published for health aides and microfinance only (mission, R6); the others are not given invented
# limits.
MEMBER_LIMITS: Final[Mapping[GroupKind, MemberLimits]] = {
    GroupKind.HEALTH_AIDES: MemberLimits(minimum=10, maximum=15),
    GroupKind.MICROFINANCE: MemberLimits(minimum=12, maximum=15),
    GroupKind.MOHEB: MemberLimits(),
    GroupKind.CBR: MemberLimits(),
    GroupKind.MANA: MemberLimits(),
    GroupKind.KHATAM: MemberLimits(),
}
