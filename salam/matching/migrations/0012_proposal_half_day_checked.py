from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0011_proposal_half_day_filled'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('half_day__isnull', False), ('half_day__range', (0, 13))), name='proposal_half_day_0_to_13'),
        ),
    ]
