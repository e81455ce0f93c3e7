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


class TownSize(models.TextChoices):
    """How large the town is that something lies in, by its published or estimated population."""

    VILLAGE = "village", _("روستا")
    UNDER_10K = "under_10k", _("شهر زیر ۱۰ هزار نفر")
    UNDER_50K = "under_50k", _("شهر ۱۰ تا ۵۰ هزار نفر")
    UNDER_200K = "under_200k", _("شهر ۵۰ تا ۲۰۰ هزار نفر")
    UNDER_1M = "under_1m", _("شهر ۲۰۰ هزار تا یک میلیون نفر")
    OVER_1M = "over_1m", _("شهر بیش از یک میلیون نفر")
