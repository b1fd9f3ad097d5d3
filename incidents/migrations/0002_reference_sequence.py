"""The sequence that references come from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE incidents_reference START 1001",
            "DROP SEQUENCE incidents_reference",
        )
    ]
