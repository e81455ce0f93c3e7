"""Every table that points at a person says how it is exported and forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from salam.core.personal_data import PersonalData, personal_data_handlers
from salam.people.models import Person


def tables_without_handler(
    tables: Iterable[type[models.Model]],
    handlers: Sequence[PersonalData],
) -> set[str]:
    """Labels of tables with a key to a person that no handler names."""
    named = {label for handler in handlers for label in handler.tables}
    return {
        table._meta.label
        for table in tables
        if table._meta.label not in named
        and any(field.related_model in {Person, "people.Person"} for field in table._meta.fields)
    }


def all_tables() -> list[type[models.Model]]:
    return list(apps.get_models(include_auto_created=True))


def test_every_table_with_a_key_to_a_person_has_a_handler() -> None:
    assert tables_without_handler(all_tables(), personal_data_handlers()) == set()


def test_handlers_name_tables_that_exist() -> None:
    labels = {table._meta.label for table in all_tables()}

    assert {
        label
        for handler in personal_data_handlers()
        for label in handler.tables
        if label not in labels
    } == set()


def test_a_table_that_nobody_names_is_noticed() -> None:
    with isolate_apps("salam.core"):

        class Diary(models.Model):
            written_by = models.ForeignKey(Person, models.CASCADE, related_name="+")

            class Meta:
                app_label = "core"

            def __str__(self) -> str:
                return "diary"

        found = tables_without_handler([*all_tables(), Diary], personal_data_handlers())

    assert "core.Diary" in found


def test_a_room_that_forgets_to_register_is_noticed() -> None:
    others = [handler for handler in personal_data_handlers() if handler.room != "people"]

    assert {"people.Consent", "people.Credential", "vault.VaultEntry"} <= tables_without_handler(
        all_tables(),
        others,
    )


def test_the_room_people_comes_first_and_forgets_last() -> None:
    assert personal_data_handlers()[0].room == "people"
