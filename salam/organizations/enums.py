from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import models


class OrganizationKind(models.TextChoices):
    HEADQUARTERS = "headquarters", "ستاد"
    DEPUTY_OFFICE = "deputy_office", "معاونت"
    CENTRE = "centre", "مرکز مثبت زندگی"
    HUB = "hub", "کانون سلام محله"
    INTERMEDIARY = "intermediary", "مؤسسهٔ واسط"
    INSTITUTION = "institution", "مؤسسه"
    COMPANY = "company", "شرکت"
    AGENCY = "agency", "دستگاه همکار"
    GROUP = "group", "گروه اجتماع‌محور"


class OrganizationStatus(models.TextChoices):
    ACTIVE = "active", "فعال"
    SUSPENDED = "suspended", "تعلیق"
    LAPSED = "lapsed", "پروانه تمام‌شده"
    CLOSED = "closed", "بسته"


class Theme(models.TextChoices):
    REHABILITATION = "rehabilitation", "توانبخشی"
    EMPLOYMENT = "employment", "اشتغال"
    ART = "art", "هنر"
    SPORT = "sport", "ورزش"
    CULTURE = "culture", "فرهنگ"
    SKILLS = "skills", "مهارت‌آموزی"
    GENERAL = "general", "عمومی"


class GroupKind(models.TextChoices):
    HEALTH_AIDES = "health_aides", "همیاران سلامت"
    MICROFINANCE = "microfinance", "گروه خرد مالی"
    MOHEB = "moheb", "محب"
    CBR = "cbr", "توانبخشی مبتنی بر جامعه"
    MANA = "mana", "مانا"
    KHATAM = "khatam", "خاتم"


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
