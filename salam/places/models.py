"""The tree of places and the lists of places that programmes aim at."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Q

from salam.core.fields import LtreeField
from salam.places.enums import PlaceKind, PointSource, PopulationSource


class Place(models.Model):
    """One place, from the country to a neighbourhood. Keys never change; names and parents may."""

    code = models.CharField(
        max_length=24,
        unique=True,
        db_comment="official code with its leading zeros; "
        "a neighbourhood's is its parent's, n, a number",
    )
    kind = models.CharField(max_length=16, choices=PlaceKind.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = LtreeField(unique=True, db_comment="codes from the country down, joined by dots")
    # The key by which the nation is later split over servers; empty for the country alone.
    province_code = models.CharField(max_length=2, blank=True)
    name = models.CharField(max_length=120)
    name_folded = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=400)
    is_city_zone = models.BooleanField(
        default=False,
        db_comment="a numbered zone of a large city: a city row in the official list",
    )
    latitude = models.FloatField()
    longitude = models.FloatField()
    point_source = models.CharField(max_length=12, choices=PointSource.choices)
    h3_cell = models.BigIntegerField(db_comment="H3 cell at resolution 8 (about 0.7 km²)")
    population = models.IntegerField(null=True)
    population_source = models.CharField(
        max_length=12,
        choices=PopulationSource.choices,
        default=PopulationSource.UNKNOWN,
    )
    is_generated = models.BooleanField(default=False)
    valid_from = models.DateField(null=True, db_comment="empty: since before our first list")
    valid_to = models.DateField(null=True, db_comment="first day it is no longer; empty: exists")

    class Meta:
        indexes = [
            GistIndex(fields=["path"], name="place_path_tree"),
            GinIndex(fields=["name_folded"], opclasses=["gin_trgm_ops"], name="place_name_search"),
            models.Index(fields=["parent", "sort_key"], name="place_children_in_order"),
            models.Index(fields=["kind", "province_code"], name="place_kind_in_province"),
        ]
        constraints = [
            models.CheckConstraint(name="place_kind_known", condition=Q(kind__in=PlaceKind.values)),
            models.CheckConstraint(
                name="place_point_on_earth",
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
            models.CheckConstraint(
                name="place_population_not_negative",
                condition=Q(population__isnull=True) | Q(population__gte=0),
            ),
            models.CheckConstraint(
                name="place_only_country_has_no_parent",
                condition=Q(kind=PlaceKind.COUNTRY, parent__isnull=True)
                | (~Q(kind=PlaceKind.COUNTRY) & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(
                name="place_valid_from_before_to",
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_from__lt=F("valid_to")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class PlaceHistory(models.Model):
    """What a place was called and belonged to before a newer official list said otherwise."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="history")
    name = models.CharField(max_length=120)
    parent_code = models.CharField(max_length=24)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField()

    def __str__(self) -> str:
        return self.name


class TargetList(models.Model):
    """A named list of places that a programme aims at, such as the 330 priority neighbourhoods."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    is_generated = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class TargetListPlace(models.Model):
    target_list = models.ForeignKey(TargetList, models.CASCADE, related_name="entries")
    place = models.ForeignKey(Place, models.PROTECT, related_name="target_entries")
    added_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="target_list_place_once",
                fields=["target_list", "place"],
                condition=Q(removed_on__isnull=True),
            ),
            models.CheckConstraint(
                name="target_list_added_before_removed",
                condition=Q(removed_on__isnull=True) | Q(removed_on__gte=F("added_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_list_id}:{self.place_id}"
