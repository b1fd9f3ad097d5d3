"""Who of us looks after the problems of a service."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0012_problem_coordinators"),
    ]

    operations = [
        migrations.AddField(
            model_name="service",
            name="coordinator",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="coordinated_services",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
