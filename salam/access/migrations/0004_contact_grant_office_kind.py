"""Tie a contact grant's copy of the organisation's kind to the organisation itself.

With the check that the kind is intermediary, no agency can be given contact data, and no intermediary that was given
any can turn into one.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("access", "0003_guards"), ("organizations", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=(
                "ALTER TABLE access_contactgrant ADD CONSTRAINT contact_grant_organization_has_this_kind "
                "FOREIGN KEY (organization_id, organization_kind) "
                "REFERENCES organizations_organization (id, kind)"
            ),
            reverse_sql=(
                "ALTER TABLE access_contactgrant DROP CONSTRAINT contact_grant_organization_has_this_kind"
            ),
        ),
    ]
