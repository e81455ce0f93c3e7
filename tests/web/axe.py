"""axe-core in a real Chromium: which rules of WCAG 2.2 AA a page breaks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

_PROGRAM: Final = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
_TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN: Final = """
(tags) => axe.run(document, {
    runOnly: {type: "tag", values: tags},
    resultTypes: ["violations"],
    elementRef: false,
    rules: {"target-size": {enabled: true}},
})
"""


def broken_rules(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, a line for each element.

    The program goes in by the browser's own tools, which no policy of the page can refuse: so the
    policy stays in force, and what it refuses is still told on the console.
    """
    page.evaluate(_program())
    found: dict[str, Any] = page.evaluate(_RUN, list(_TAGS))
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {', '.join(map(str, node['target']))}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@cache
def _program() -> str:
    # Wrapped, since what Playwright evaluates must be one expression.
    return f"(() => {{ {_PROGRAM.read_text(encoding='utf-8')} }})()"
