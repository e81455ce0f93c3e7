"""`salam load`: the real data that every installation starts with."""

from __future__ import annotations

import click

from salam.commands.runtime import answer, operator, progress, ready
from salam.core.text import persian_digits


@click.group()
def load() -> None:
    """Real data in: the tree of places, the published figures. Loading twice changes nothing."""


@load.command()
def places() -> None:
    """Load the official tree: provinces, counties, districts, cities, rural districts, villages."""
    ready()
    from salam.places.actions import load_tree

    with progress("جاها") as show:
        outcome = load_tree(
            actor=operator(),
            report=lambda _stage, done, total: show(done, total),
        )
    if outcome.inserted or outcome.changed:
        answer(persian_digits(f"{outcome.inserted} جا افزوده و {outcome.changed} جا به‌روز شد."))
    else:
        answer("درخت جاها همان است که بود.")


@load.command()
def figures() -> None:
    """Load the published figures with their sources."""
    ready()
    from salam.programmes.actions import load_figures

    changed = load_figures(actor=operator())
    answer(
        persian_digits(f"{changed} رقم منتشرشده افزوده یا به‌روز شد.")
        if changed
        else "ارقام منتشرشده همان است که بود.",
    )
