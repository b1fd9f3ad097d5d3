# A call that is late is brought up once with whoever has it and once with the lead.
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0012_message_quoted"),
    ]

    operations = [
        migrations.AddField(
            model_name="calltask",
            name="late_told",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
