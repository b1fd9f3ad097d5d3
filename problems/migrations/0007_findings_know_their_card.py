"""A finding that was taken over from an incident's parking lot knows its card."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0017_call_each_unreached"),
        ("problems", "0006_known_errors"),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="note",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="findings",
                to="incidents.parkednote",
            ),
        ),
    ]
