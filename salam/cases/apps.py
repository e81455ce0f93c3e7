from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class CasesConfig(AppConfig):
    name = "salam.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.cases.actions.forgetting import forget  # noqa: PLC0415
        from salam.cases.queries.personal import cases_held  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="cases",
                tables=("cases.Case", "cases.CaseMove"),
                export_for=lambda person_id: cases_held(person_id=person_id),
                forget=forget,
            ),
        )
