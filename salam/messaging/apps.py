from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class MessagingConfig(AppConfig):
    name = "salam.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.messaging.actions.forgetting import forget  # noqa: PLC0415
        from salam.messaging.gateways import chosen_gateway  # noqa: PLC0415
        from salam.messaging.queries import held_on_person  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="messaging",
                tables=("messaging.Message",),
                export_for=lambda person_id: held_on_person(person_id=person_id),
                forget=forget,
            ),
        )
        # A gateway that lacks a setting stops the start, not the first message.
        chosen_gateway()
