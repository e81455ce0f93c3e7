"""The one kind of error that a person may see."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a stable code for programs and one Persian sentence for people.

    Concrete classes stand at the top of the module that raises them. The sentence says what is
    wrong and what to do; it never holds a phone number, a national ID or a name.
    """

    code = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class PermissionRefused(DomainError):
    """The actor may not do this here. Outside it looks like something that does not exist."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("چنین چیزی پیدا نشد.")


class InvalidInput(DomainError):
    """What was typed or uploaded cannot be used as it is."""

    code = "invalid"
