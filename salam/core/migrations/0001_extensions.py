"""The two extensions we use; both are trusted, so the owner of the database may create them."""

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [CreateExtension("ltree"), CreateExtension("pg_trgm")]
