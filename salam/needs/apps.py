from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class NeedsConfig(AppConfig):
    name = "salam.needs"
    label = "needs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.needs.actions.closing import forget  # noqa: PLC0415
        from salam.needs.queries import listed_by_person  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="needs",
                tables=("needs.Need",),
                export_for=lambda person_id: listed_by_person(person_id=person_id),
                forget=forget,
            ),
        )
