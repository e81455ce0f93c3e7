"""Pages of the kit. Everything in them is made up; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from salam.core.errors import PermissionRefused
from salam.web.forms import new_key
from salam.web.kit import examples, pictures
from salam.web.kit.forms import ExampleForm, find_example_places
from salam.web.listing import list_page, listing_response, read_chosen

View = Callable[[HttpRequest], HttpResponseBase]

_PAGES: Final = (
    ("kit:parts", "اجزا"),
    ("kit:forms", "فرم‌ها"),
    ("kit:lists", "فهرست‌ها"),
    ("kit:charts", "نمودار و نقشه"),
    ("kit:staff", "چیدمان کارکنان"),
    ("kit:confirm", "تأیید"),
)


def debug_only(view: View) -> View:
    """Elsewhere the kit looks like any other page that is not there."""

    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponseBase:
        if not settings.DEBUG:
            raise PermissionRefused
        return view(request)

    return shown


@debug_only
@require_safe
def parts(request: HttpRequest) -> HttpResponse:
    return render(request, "kit/parts.html", {**_tabs(request), **examples.parts()})


@debug_only
@require_http_methods(["GET", "HEAD", "POST"])
def forms(request: HttpRequest) -> HttpResponse:
    form = ExampleForm(request.POST) if request.method == "POST" else ExampleForm()
    is_sent = request.method == "POST" and form.is_valid()
    return render(request, "kit/forms.html", {**_tabs(request), "form": form, "is_sent": is_sent})


@debug_only
@require_http_methods(["GET", "HEAD", "POST"])
def lists(request: HttpRequest) -> HttpResponseBase:
    context = {**_tabs(request), "chosen": read_chosen(request, examples.NEEDS)}
    return listing_response(
        request,
        examples.NEEDS,
        examples.example_needs(),
        template="kit/lists.html",
        context=context,
    )


@debug_only
@require_safe
def empty_list(request: HttpRequest) -> HttpResponse:
    page = list_page(request, examples.NEEDS, [], empty_url="#")
    return render(request, "kit/lists.html", {**_tabs(request), "page": page})


@debug_only
@require_safe
def charts(request: HttpRequest) -> HttpResponse:
    return render(request, "kit/charts.html", {**_tabs(request), **pictures.charts()})


@debug_only
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    page = list_page(request, examples.NEEDS, examples.example_needs())
    menu = examples.menu(request.path)
    return render(request, "kit/staff.html", {**_tabs(request), "page": page, "menu": menu})


@debug_only
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    context = {**_tabs(request), **examples.confirm(), "key": new_key()}
    return render(request, "kit/confirm.html", context)


@debug_only
@require_safe
def place_options(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("home_words", "")[:80]
    options = find_example_places(words)
    return render(
        request,
        "components/place_options.html",
        {
            "options": options,
            "name": "home",
            "base": "id_home",
            "words": words,
            "is_empty_search": bool(words) and not options,
        },
    )


def _tabs(request: HttpRequest) -> dict[str, object]:
    return {"tabs": examples.tabs(_PAGES, path=request.path)}
