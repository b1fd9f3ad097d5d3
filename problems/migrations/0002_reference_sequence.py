"""The sequence that references come from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("problems", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE problems_reference START 11",
            "DROP SEQUENCE problems_reference",
        )
    ]
