"""Pages that anybody may read."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from salam.web.public import views


class ProvinceCode:
    """Up to two digits: anything else in an address is turned away before anything looks at it."""

    regex = "[0-9]{1,2}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ProvinceCode, "province_code")

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("results/", views.results, name="results"),
    path("places/search/", views.place_options, name="place_options"),
    path("places/<province_code:code>/", views.province, name="province"),
]
