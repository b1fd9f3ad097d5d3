"""Letters about problems: whether one goes on, and whether an action has helped."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0013_service_coordinators"),
        ("incidents", "0017_call_each_unreached"),
        ("notifications", "0006_stopped_and_not_kept_for_ever"),
        ("problems", "0008_effects_are_asked_about"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_tells_of_one_event",
        ),
        migrations.AddField(
            model_name="delivery",
            name="problem_event",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="problems.problemevent",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("problem_event", "recipient", "channel"), name="delivery_once_of_problem"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("customer_event__isnull", True),
                        ("event__isnull", False),
                        ("problem_event__isnull", True),
                        ("staff_event__isnull", True),
                    ),
                    models.Q(
                        ("customer_event__isnull", False),
                        ("event__isnull", True),
                        ("problem_event__isnull", True),
                        ("staff_event__isnull", True),
                    ),
                    models.Q(
                        ("customer_event__isnull", True),
                        ("event__isnull", True),
                        ("problem_event__isnull", True),
                        ("staff_event__isnull", False),
                    ),
                    models.Q(
                        ("customer_event__isnull", True),
                        ("event__isnull", True),
                        ("problem_event__isnull", False),
                        ("staff_event__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="delivery_tells_of_one_event",
            ),
        ),
    ]
