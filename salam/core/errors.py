"""The one kind of error that a person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class DomainError(Exception):
    """A refusal with a stable code for programs and one sentence for people.

    The sentence is Persian in the code and English in salam/locale.

    Concrete classes stand at the top of the module that raises them. The sentence says what is
    wrong and what to do; it never holds a phone number, a national ID or a name.
    """

    code = "refused"

    def __init__(self, sentence: StrOrPromise) -> None:
        super().__init__(sentence)
        self._sentence = sentence

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in the language of whoever is reading now."""
        return str(self._sentence)


class PermissionRefused(DomainError):
    """The actor may not do this here. Outside it looks like something that does not exist."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(_("چنین چیزی پیدا نشد."))


class InvalidInput(DomainError):
    """What was typed or uploaded cannot be used as it is."""

    code = "invalid"
