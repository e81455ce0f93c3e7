"""`salam messages`: the Persian sentences of code and templates beside their English translations.

Everything here is Python: no machine needs the gettext programs.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOM: Final = Path(__file__).resolve().parents[1]
ENGLISH: Final = ROOM / "locale" / "en" / "LC_MESSAGES" / "django.po"

_KEYWORDS: Final = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Without dates and names: two people who add a sentence each meet only in that sentence.
_HEAD: Final = """\
# English for Salam; the Persian sentences stand in the code. Renewed by `make messages`.
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""

Message = tuple[int, str | tuple[str, ...], list[str], str | None]


@click.command()
def messages() -> None:
    """Renew salam/locale/en from the code: new sentences wait for English, unused ones go."""
    known = read_catalogue(path=ENGLISH)
    catalogue = renewed(known=known, found=found_messages())
    ENGLISH.write_text(as_text(catalogue), encoding="utf-8")
    compile_catalogue(path=ENGLISH)
    waiting = [message.id for message in catalogue if message.id and not all(_strings(message))]
    click.echo(f"{len(catalogue)} sentences, {len(waiting)} without English.")
    for sentence in waiting:
        click.echo(f"  {sentence}")


def found_messages() -> Catalog:
    """Every translatable sentence of the rooms, in Python and in templates."""
    catalogue = Catalog(locale="en")
    for _file, _line, sentence, comments, context in extract_from_dir(
        str(ROOM),
        method_map=[
            ("**/migrations/**", "ignore"),
            ("**.py", "python"),
            ("web/templates/**.html", _template_messages),  # type: ignore[list-item]
            ("web/templates/**.txt", _template_messages),  # type: ignore[list-item]
        ],
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
    ):
        catalogue.add(sentence, auto_comments=comments, context=context)
    return catalogue


def renewed(*, known: Catalog, found: Catalog) -> Catalog:
    """What was found, with the English that is known; never a guess from a similar sentence."""
    for message in found:
        old = known.get(message.id, message.context) if message.id else None
        if old is not None and old.pluralizable == message.pluralizable:
            message.string = old.string
    return found


def read_catalogue(*, path: Path) -> Catalog:
    """The stored translations; none where there is no file yet."""
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def as_text(catalogue: Catalog) -> str:
    """A catalogue as its file holds it: by sentence, without places in the code."""
    file = io.BytesIO()
    write_po(
        file,
        catalogue,
        width=100,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    return _HEAD + file.getvalue().decode()


def compile_catalogue(*, path: Path) -> None:
    """Write the .mo file beside the .po file, for Django to read."""
    file = io.BytesIO()
    write_mo(file, read_catalogue(path=path))
    path.with_suffix(".mo").write_bytes(file.getvalue())


def _template_messages(
    file: BinaryIO,
    keywords: Mapping[str, object],
    comment_tags: object,
    *,
    options: Mapping[str, object],
) -> Iterator[Message]:
    """Messages of one template, by way of Django's own rewriting of templates into calls."""
    from django.utils.translation.template import templatize

    calls = templatize(file.read().decode())
    # In parentheses indentation means nothing, as in a template.
    source = io.BytesIO(f"(\n{calls}\n)".encode())
    yield from extract_python(source, keywords, comment_tags, options)  # type: ignore[arg-type]


def _strings(message: object) -> tuple[str, ...]:
    string = message.string  # type: ignore[attr-defined]
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)
