"""How deep a problem is reviewed, and until when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("problems", "0002_reference_sequence"),
    ]

    operations = [
        migrations.AddField(
            model_name="problem",
            name="review_depth",
            field=models.CharField(
                blank=True,
                choices=[
                    ("none", "one page in plain words for the customer"),
                    ("light", "light: half an hour together, three whys, three actions"),
                    ("standard", "standard post-incident review"),
                    ("full", "full analysis of the cause, shared list of actions"),
                    ("trend", "full, with a look at trends and whether the fix worked"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="problem",
            name="review_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
