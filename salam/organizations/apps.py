from django.apps import AppConfig

from salam.core.personal_data import PersonalData, register_personal_data


class OrganizationsConfig(AppConfig):
    name = "salam.organizations"
    label = "organizations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only once the registry is ready, hence not at the top of the module.
        from salam.organizations.actions.members import forget  # noqa: PLC0415
        from salam.organizations.queries import memberships_held  # noqa: PLC0415

        register_personal_data(
            PersonalData(
                room="organizations",
                tables=("organizations.Membership",),
                export_for=lambda person_id: memberships_held(person_id=person_id),
                forget=forget,
            ),
        )
