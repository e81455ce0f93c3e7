from __future__ import annotations

from django.db import models


class PlaceKind(models.TextChoices):
    COUNTRY = "country", "کشور"
    PROVINCE = "province", "استان"
    COUNTY = "county", "شهرستان"
    DISTRICT = "district", "بخش"
    CITY = "city", "شهر"
    RURAL_DISTRICT = "rural_district", "دهستان"
    VILLAGE = "village", "روستا"
    NEIGHBOURHOOD = "neighbourhood", "محله"


class PointSource(models.TextChoices):
    """Where a place's coordinates come from; shown wherever they are."""

    PUBLISHED = "published", "مختصات منتشرشده"
    PARENT = "parent", "نقطهٔ جای بالاتر"
    GIVEN = "given", "ثبت‌شده در سامانه"
    GENERATED = "generated", "ساختگی برای نمایش"


class PopulationSource(models.TextChoices):
    PUBLISHED = "published", "جمعیت منتشرشده"
    SUM = "sum", "جمع جاهای زیرین"
    PROXY = "proxy", "برآورد به‌جای آمار"
    UNKNOWN = "unknown", "نامعلوم"
