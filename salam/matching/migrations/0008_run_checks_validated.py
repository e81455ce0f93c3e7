from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0007_run_releasing'),
    ]

    operations = [
        ValidateConstraint(model_name='run', name='run_status_among_listed'),
        ValidateConstraint(model_name='run', name='run_live_has_certificate'),
    ]
