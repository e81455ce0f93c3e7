from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0003_run_decided'),
    ]

    operations = [
        ValidateConstraint(model_name='run', name='run_status_listed'),
        ValidateConstraint(model_name='run', name='run_live_is_certified'),
    ]
