"""Pages that anybody may read."""

from __future__ import annotations

from django.urls import URLPattern, path

from salam.web.public import views

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("", views.results, name="results"),
    path("places/<slug:code>/", views.province, name="province"),
]
