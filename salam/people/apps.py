from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class PeopleConfig(AppConfig):
    name = "salam.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.people.actions.forgetting import export_for, forget  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="people",
                tables=(
                    "people.Person",
                    "people.VolunteerProfile",
                    "people.Credential",
                    "people.Consent",
                    "people.Facilitator",
                    "people.FacilitatorPlace",
                    "people.TrainingRecord",
                    "vault.VaultEntry",
                ),
                export_for=export_for,
                forget=forget,
            ),
        )
