"""Problems from before there were candidates were opened for good."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("problems", "0004_problems_are_worked_at")]
    operations = [
        migrations.RunSQL(
            [
                "UPDATE problems_problem SET accepted_at = opened_at, touched_at = now()",
                "UPDATE problems_problem SET parked_from = 'open' WHERE status = 'parked'",
            ],
            migrations.RunSQL.noop,
        )
    ]
