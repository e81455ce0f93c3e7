from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class ServiceConfig(AppConfig):
    name = "salam.service"
    label = "service"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.messaging.registry import register_template  # noqa: PLC0415
        from salam.service.actions.forgetting import forget  # noqa: PLC0415
        from salam.service.messages import TEMPLATES  # noqa: PLC0415
        from salam.service.queries import held_on_person  # noqa: PLC0415

        for template in TEMPLATES:
            register_template(template)
        register_personal_data(
            PersonalData(
                room="service",
                tables=("service.Offer", "service.Assignment", "service.Hours"),
                export_for=lambda person_id: held_on_person(person_id=person_id),
                forget=forget,
            ),
        )
