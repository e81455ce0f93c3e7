"""The functions look rows up by index, whatever was posted before them in the same session.

Their plans are kept for the life of a connection. A plan made for a batch of 10,000, or before the tables were analysed,
joins by reading whole tables: it made each single transfer after it, or each of the 10,000, wait for that.
"""

from django.db import migrations

FUNCTIONS = (
    "timebank_check_account",
    "timebank_check_entries",
    "timebank_check_transfer",
    "timebank_post",
)
SETTINGS = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")


class Migration(migrations.Migration):
    dependencies = [("timebank", "0003_post")]
    operations = [
        migrations.RunSQL(
            sql=[
                f"ALTER FUNCTION {function} SET {setting} = off"
                for function in FUNCTIONS
                for setting in SETTINGS
            ],
            reverse_sql=[f"ALTER FUNCTION {function} RESET ALL" for function in FUNCTIONS],
        ),
    ]
