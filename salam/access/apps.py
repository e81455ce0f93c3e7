from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class AccessConfig(AppConfig):
    name = "salam.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.access.actions.forgetting import forget  # noqa: PLC0415
        from salam.access.queries import held_on_person  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="access",
                tables=("access.Grant", "access.ContactGrant", "access.Disclosure", "access.Login"),
                export_for=lambda person_id: held_on_person(person_id=person_id),
                forget=forget,
            ),
        )
