from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class MatchingConfig(AppConfig):
    name = "salam.matching"
    label = "matching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.matching.actions.forgetting import forget  # noqa: PLC0415
        from salam.matching.queries import proposals_held  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="matching",
                tables=(
                    "matching.Run",
                    "matching.Proposal",
                    "matching.VolunteerWord",
                    "matching.ChangedVolunteer",
                ),
                export_for=lambda person_id: proposals_held(person_id=person_id),
                forget=forget,
            ),
        )
