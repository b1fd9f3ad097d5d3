"""What was asked of whoever reported, and on whose word the priority stands.

Both columns have a default in the database: for one deploy, code that does not know them yet goes on writing rows.
"""

from django.db import migrations, models

BASES = [
    ("assumed", "nobody has said it yet"),
    ("suggested", "suggested by the reporter"),
    ("answers", "set by the reporter's answers"),
    ("matrix", "set by the customer, by the matrix"),
    ("criteria", "set by the agreed criteria"),
    ("agent", "set by the desk"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0006_waived_with_it"),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="details",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="incident",
            name="priority_basis",
            field=models.CharField(choices=BASES, db_default="assumed", default="assumed", max_length=12),
        ),
    ]
