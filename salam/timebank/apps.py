from datetime import datetime

from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class TimebankConfig(AppConfig):
    name = "salam.timebank"
    label = "timebank"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.timebank.queries import held_on_person  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="timebank",
                tables=("timebank.Account", "timebank.Transfer"),
                export_for=lambda person_id: held_on_person(person_id=person_id),
                forget=_keep_hours,
            ),
        )


def _keep_hours(person_id: int, now: datetime) -> None:
    """Hours stay: they point at the empty shell that is left of the person, at nobody."""
    del person_id, now
