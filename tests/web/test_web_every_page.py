"""Every page in a real Chromium: it fits, everybody can use it, it speaks one language at a time.

One walk over the table of ``pages.py``. In Persian each page is opened at 360 px, looked at with
axe, and widened to 1280 px; in English it is opened at 360 px. The parts of which all pages are
made are looked at with axe at both widths, in ``test_web_kit_look.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Browser, ConsoleMessage
from playwright.sync_api import Page as Tab

from tests.web.axe import broken_rules
from tests.web.browser import DESKTOP, PHONE
from tests.web.pages import PAGES, UNNAMED, Page, configured_names, pages
from tests.web.scene import Scene, Visitor

# Texts a reader meets, with those of attributes; words marked as of another language apart.
_LOOK = """
() => {
    const texts = [];
    const keep = (element, text) => {
        if (!text || !text.trim() || !element.checkVisibility()) return;
        if (element.closest("script, style, template, noscript")) return;
        texts.push({
            text: text.trim().slice(0, 80),
            persian: element.closest("[lang]")?.lang === "fa",
            marked: !!element.closest("bdi, code, [dir=ltr]:not(html), [lang=fa]:not(html)"),
        });
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) keep(walker.currentNode.parentElement, walker.currentNode.data);
    for (const name of ["alt", "aria-label", "title", "placeholder"])
        for (const element of document.querySelectorAll(`body [${name}]`))
            keep(element, element.getAttribute(name));
    const root = document.documentElement;
    return {
        texts,
        lang: root.lang,
        dir: root.dir,
        title: document.title,
        headings: document.querySelectorAll("h1").length,
        width: root.scrollWidth,
    };
}
"""
_ASCII_DIGITS = frozenset("0123456789")


@dataclass(frozen=True)
class Visit:
    """One look at one address."""

    name: str
    address: str
    page: Page
    visitor: Visitor
    language: str
    viewport: dict[str, int]

    def __str__(self) -> str:
        return f"{self.name} ({self.visitor}, {self.language}, {self.viewport['width']} px)"


def planned_visits(scene: Scene) -> Iterator[Visit]:
    """By visitor and language, so that a browser's context serves many visits."""
    for visitor in Visitor:
        for language in ("fa", "en"):
            for name, page in pages():
                if page.is_screen and page.visitors[0] is visitor:
                    address = page.address(name, scene)
                    yield Visit(name, address, page, visitor, language, PHONE)
            if visitor is Visitor.STRANGER:
                for name, (address, status) in UNNAMED.items():
                    yield Visit(name, address, Page(status=status), visitor, language, PHONE)


class Walker:
    """Goes from address to address and notes what is wrong."""

    def __init__(self, *, browser: Browser, origin: str, scene: Scene) -> None:
        self.browser = browser
        self.origin = origin
        self.scene = scene
        self.tabs: dict[tuple[Visitor, str], Tab] = {}
        self.heard: list[str] = []

    def problems(self, visit: Visit) -> list[str]:
        tab = self._tab(visit)
        tab.set_viewport_size(visit.viewport)
        self.heard.clear()
        answer = tab.goto(self.origin + visit.address, wait_until="load")
        noted = seen_wrong(tab, visit)
        if visit.language == "fa":
            noted += broken_rules(tab)
            tab.set_viewport_size(DESKTOP)
            wide = tab.evaluate("document.documentElement.scrollWidth")
            if wide > DESKTOP["width"]:
                noted.append(f"scrolls sideways on a desktop: {wide} px")
        if answer is None or answer.status != visit.page.status:
            noted.append(f"status {answer and answer.status}, not {visit.page.status}")
        # Chromium itself reports the status it was told to expect.
        expected = f"{visit.page.status} (" if visit.page.status >= 400 else "\0"
        noted += [line for line in self.heard if expected not in line]
        return [f"{visit}: {line}" for line in noted]

    def _tab(self, visit: Visit) -> Tab:
        key = (visit.visitor, visit.language)
        if key not in self.tabs:
            context = self.browser.new_context()
            chosen = {"name": "django_language", "value": visit.language}
            cookies = self.scene.cookies(visit.visitor) + [chosen] * (visit.language != "fa")
            at_home: list[Any] = [{**cookie, "url": self.origin} for cookie in cookies]
            context.add_cookies(at_home)
            tab = context.new_page()
            tab.on("console", lambda message: self.heard.extend(told_by(message)))
            tab.on("pageerror", lambda error: self.heard.append(f"script: {error}"))
            self.tabs[key] = tab
        return self.tabs[key]


def told_by(message: ConsoleMessage) -> list[str]:
    """Errors and warnings; what the policy refuses is an error. Chromium's advice is verbose."""
    return [f"console: {message.text}"] if message.type in {"error", "warning"} else []


def seen_wrong(tab: Tab, visit: Visit) -> list[str]:
    """What a reader or a browser would stumble over."""
    look = tab.evaluate(_LOOK)
    direction = "rtl" if visit.language == "fa" else "ltr"
    wrong = []
    if (look["lang"], look["dir"]) != (visit.language, direction):
        wrong.append(f"html is marked as {look['lang']}, {look['dir']}")
    if look["headings"] != 1:
        wrong.append(f"{look['headings']} headings of the first level")
    if not look["title"].strip():
        wrong.append("no title")
    if look["width"] > visit.viewport["width"]:
        wrong.append(f"scrolls sideways: {look['width']} px")
    for text in look["texts"]:
        if visit.language == "fa":
            if _ASCII_DIGITS & {*text["text"]} and not text["marked"]:
                wrong += [] if visit.page.digits_reason else [f"Latin digits: {text['text']}"]
        elif any("\u0600" <= letter <= "\u06ff" for letter in text["text"]) and not text["persian"]:
            wrong += [] if visit.page.persian_reason else [f"not translated: {text['text']}"]
    return wrong


def test_every_address_is_in_the_table_and_nothing_else() -> None:
    assert sorted(set(configured_names())) == sorted(PAGES)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_page_fits_is_accessible_and_speaks_one_language(browser, live_server) -> None:
    scene = Scene()
    walker = Walker(browser=browser, origin=live_server.url, scene=scene)

    problems = [line for visit in planned_visits(scene) for line in walker.problems(visit)]

    assert problems == [], "\n" + "\n".join(problems)


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_the_page_of_a_broken_server_is_readable_without_anything_else(
    browser,
    language,
    direction,
) -> None:
    with translation.override(language):
        document = render_to_string("500.html")

    tab = browser.new_page(viewport=PHONE)
    tab.set_content(document)
    visit = Visit("500", "", Page(), Visitor.STRANGER, language, PHONE)

    assert seen_wrong(tab, visit) + broken_rules(tab) == []
    tab.close()


_GOOD = """<!doctype html><html lang="{lang}" dir="{dir}"><head><title>t</title></head>
<body><main><h1>{text}</h1></main></body></html>"""


@pytest.mark.parametrize(
    ("language", "document", "expected"),
    [
        ("fa", _GOOD.format(lang="fa", dir="rtl", text="سلام ۱"), []),
        ("fa", _GOOD.format(lang="fa", dir="rtl", text="سلام 1"), ["Latin digits: سلام 1"]),
        ("fa", _GOOD.format(lang="fa", dir="rtl", text="<bdi>1</bdi>"), []),
        ("fa", _GOOD.format(lang="en", dir="ltr", text="سلام"), ["html is marked as en, ltr"]),
        ("en", _GOOD.format(lang="en", dir="ltr", text="سلام"), ["not translated: سلام"]),
        ("en", _GOOD.format(lang="en", dir="ltr", text='<bdi lang="fa">سلام</bdi>'), []),
        (
            "en",
            _GOOD.format(lang="en", dir="ltr", text='<a href="/" aria-label="سلام">a</a>'),
            ["not translated: سلام"],
        ),
        (
            "fa",
            _GOOD.format(lang="fa", dir="rtl", text="</h1><h1>ب").replace("<title>t", "<title>"),
            ["2 headings of the first level", "no title"],
        ),
        (
            "fa",
            _GOOD.format(lang="fa", dir="rtl", text='<p style="width:999px">الف</p>'),
            ["scrolls sideways"],
        ),
    ],
)
def test_what_a_reader_stumbles_over_is_found(browser, language, document, expected) -> None:
    tab = browser.new_page(viewport=PHONE)
    tab.set_content(document)
    visit = Visit("planted", "", Page(), Visitor.STRANGER, language, PHONE)

    found = seen_wrong(tab, visit)

    assert [line.partition(": 1")[0] for line in found] == expected
    tab.close()


def test_axe_finds_a_picture_without_words_and_faint_letters(browser) -> None:
    tab = browser.new_page(viewport=PHONE)
    tab.set_content(
        _GOOD.format(
            lang="en",
            dir="ltr",
            text='<img src="/a.png"><i style="color:#eee;background:#fff">faint</i>',
        ),
    )

    found = {line.partition(" ")[0] for line in broken_rules(tab)}

    assert found == {"image-alt", "color-contrast"}
    tab.close()


def test_the_console_tells_of_a_script_the_policy_refuses(browser, live_server) -> None:
    document = _GOOD.format(lang="fa", dir="rtl", text="الف<script>window.a = 1</script>")
    context = browser.new_context()
    context.route(
        "**/*",
        lambda route: route.fulfill(
            body=document,
            content_type="text/html; charset=utf-8",
            headers={"content-security-policy": "default-src 'none'; script-src 'self'"},
        ),
    )
    walker = Walker(browser=browser, origin=live_server.url, scene=None)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.on("console", lambda message: walker.heard.extend(told_by(message)))
    walker.tabs[Visitor.STRANGER, "fa"] = tab

    found = walker.problems(Visit("planted", "/", Page(), Visitor.STRANGER, "fa", PHONE))

    assert len(found) == 1
    assert "Content Security Policy" in found[0]
