"""Thirty days after an action is done somebody is asked, once, whether it has helped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("problems", "0007_findings_know_their_card"),
    ]

    operations = [
        migrations.AddField(
            model_name="action",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="problemevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("proposed", "Proposed"),
                    ("accepted", "Opened: it is worth looking into"),
                    ("dismissed", "Dismissed: not worth looking into"),
                    ("parked", "Parked: the service is down"),
                    ("unparked", "Taken up again: the service works"),
                    ("assigned", "Somebody has it"),
                    ("investigated", "Being looked into"),
                    ("known", "The cause is known"),
                    ("fix_begun", "Being fixed"),
                    ("resolved", "Resolved: the cause is gone"),
                    ("closed", "Closed"),
                    ("reopened", "Taken up again"),
                    ("linked", "Incident linked"),
                    ("unlinked", "Incident unlinked"),
                    ("merged", "Merged"),
                    ("deferred", "Put off for later"),
                    ("taken_up", "No longer put off"),
                    ("untouched", "Nobody has touched it for long: does it go on?"),
                    ("goes_on", "It goes on"),
                    ("written", "Worksheet written"),
                    ("found", "Note added"),
                    ("found_out", "Note judged"),
                    ("action_added", "Action agreed"),
                    ("action_changed", "Action changed"),
                    ("action_done", "Action done"),
                    ("action_dropped", "Action dropped"),
                    ("effect_due", "Time to look whether it helped"),
                    ("effect_checked", "Looked whether it helped"),
                    ("told", "The people who reported it were told"),
                    ("vetoed", "Somebody says that it is still broken"),
                    ("reviewed", "Review written"),
                    ("review_done", "Review done"),
                    ("reported", "Report released to the customer"),
                ],
                max_length=20,
            ),
        ),
    ]
