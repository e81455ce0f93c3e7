"""Tie a grant's copy of the office's kind to the office itself.

Without this key a grant could name any kind and slip past grant_agency_aggregate_only; with it an office with live
grants cannot turn into an agency either.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("organizations", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=(
                "ALTER TABLE access_grant ADD CONSTRAINT grant_office_has_this_kind "
                "FOREIGN KEY (office_id, office_kind) REFERENCES organizations_organization (id, kind)"
            ),
            reverse_sql="ALTER TABLE access_grant DROP CONSTRAINT grant_office_has_this_kind",
        ),
    ]
