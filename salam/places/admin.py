"""The tree of places in the admin, to look at: it changes by `salam import places`."""

from __future__ import annotations

from django.contrib import admin

from salam.core.catalogues import Catalogue
from salam.places.models import Place


@admin.register(Place)
class PlaceCatalogue(Catalogue):
    """Places by code; the search is on the official code or the folded name."""

    list_display = ("name", "kind", "code", "province_code")
    list_filter = ("kind",)
    ordering = ("path",)
    search_fields = ("code__startswith", "name_folded__startswith")
    fields = ("name", "kind", "code", "path", "province_code", "latitude", "longitude")
