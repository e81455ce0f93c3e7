from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlaceKind(models.TextChoices):
    COUNTRY = "country", _("کشور")
    PROVINCE = "province", _("استان")
    COUNTY = "county", _("شهرستان")
    DISTRICT = "district", _("بخش")
    CITY = "city", _("شهر")
    RURAL_DISTRICT = "rural_district", _("دهستان")
    VILLAGE = "village", _("روستا")
    NEIGHBOURHOOD = "neighbourhood", _("محله")


# Where people live; provinces and counties are too large to be near anything.
HOME_KINDS = (PlaceKind.CITY, PlaceKind.VILLAGE, PlaceKind.NEIGHBOURHOOD)


class PointSource(models.TextChoices):
    """Where a place's coordinates come from; shown wherever they are."""

    PUBLISHED = "published", _("مختصات منتشرشده")
    PARENT = "parent", _("نقطهٔ جای بالاتر")
    GIVEN = "given", _("ثبت‌شده در سامانه")
    GENERATED = "generated", _("ساختگی برای نمایش")


class PopulationSource(models.TextChoices):
    PUBLISHED = "published", _("جمعیت منتشرشده")
    SUM = "sum", _("جمع جاهای زیرین")
    PROXY = "proxy", _("برآورد به‌جای آمار")
    UNKNOWN = "unknown", _("نامعلوم")
