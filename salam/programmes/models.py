"""Published figures: what others said in public, with its source and what it left unsaid."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from salam.programmes.enums import FigureLevel


class PublishedFigure(models.Model):
    """One number from a public source. The value is empty where only a target was published."""

    code = models.CharField(max_length=60, unique=True)
    level = models.CharField(max_length=16, choices=FigureLevel.choices)
    agency_fa = models.CharField(max_length=120)
    agency_en = models.CharField(max_length=120)
    programme_fa = models.CharField(max_length=120)
    programme_en = models.CharField(max_length=120)
    indicator_fa = models.CharField(max_length=200)
    indicator_en = models.CharField(max_length=200)
    value = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    unit = models.CharField(max_length=24)
    unit_fa = models.CharField(max_length=40)
    target_value = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    target_place_count = models.PositiveIntegerField(null=True)
    as_of_text = models.CharField(max_length=10, db_comment="Jalali, as exact as the source")
    starts_on = models.DateField(db_comment="first day of that Jalali year, month or day")
    ends_on = models.DateField(db_comment="its last day")
    source = models.CharField(max_length=120)
    source_fa = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="figure_level_known", condition=Q(level__in=FigureLevel.values)
            ),
            models.CheckConstraint(
                name="figure_says_value_or_target",
                condition=Q(value__isnull=False) | Q(target_value__isnull=False),
            ),
            models.CheckConstraint(name="figure_has_source", condition=~Q(source="")),
            models.CheckConstraint(
                name="figure_period_in_order",
                condition=Q(ends_on__gte=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.code
