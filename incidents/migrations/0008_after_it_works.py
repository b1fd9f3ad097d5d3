"""What is written down and done once it works again: the record, what of it is owed, and calls."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_maturity_and_layers"),
        ("incidents", "0007_what_was_asked"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="cause_category",
            field=models.CharField(
                blank=True,
                choices=[
                    ("change", "A change"),
                    ("capacity", "Capacity"),
                    ("hardware", "Hardware"),
                    ("software_defect", "Software defect"),
                    ("configuration", "Configuration"),
                    ("expiry", "Certificate or licence ran out"),
                    ("supplier", "Supplier"),
                    ("power_network", "Power or network"),
                    ("security", "Security"),
                    ("human_slip", "A slip"),
                    ("data", "Data"),
                    ("unknown", "Not known"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="change",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="incident",
            name="configuration_item",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="incident",
            name="detection",
            field=models.CharField(
                blank=True,
                choices=[
                    ("user", "An end user"),
                    ("customer_it", "The customer's IT"),
                    ("provider_agent", "Somebody at the desk"),
                    ("monitoring", "Monitoring"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="known_error",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="incident",
            name="resolution_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("fixed", "Repaired"),
                    ("workaround_applied", "Workaround applied"),
                    ("restarted", "Restarted"),
                    ("configuration", "Configuration changed"),
                    ("replaced", "Replaced"),
                    ("user_guidance", "Showed how it works"),
                    ("no_fault_found", "No fault found"),
                    ("self_recovered", "Recovered by itself"),
                    ("supplier_fixed", "Repaired by a supplier"),
                    ("known_error", "Known error"),
                    ("duplicate", "Duplicate"),
                    ("withdrawn", "Withdrawn"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="incidentevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Reported"),
                    ("taken", "Taken"),
                    ("updated", "Update"),
                    ("noted", "Note"),
                    ("asked", "Question"),
                    ("added", "Added by the customer"),
                    ("attached", "File attached"),
                    ("prioritised", "Priority changed"),
                    ("restored", "Works again"),
                    ("resolved", "Solved"),
                    ("relapsed", "Still not working"),
                    ("closed", "Closed"),
                    ("cancelled", "Withdrawn"),
                    ("waiting", "Waiting"),
                    ("went_on", "Waiting is over"),
                    ("handed_over", "Handed over"),
                    ("merged", "Merged"),
                    ("customer_corrected", "Customer corrected"),
                    ("policy_applied", "Agreement applied"),
                    ("deadline_set", "Deadline agreed by hand"),
                    ("miss_waived", "Not counted"),
                    ("clock_warned", "Time is getting short"),
                    ("deadline_missed", "Late"),
                    ("escalated", "Escalated"),
                    ("call_planned", "A call is due"),
                    ("called", "Call"),
                    ("recorded", "Written down"),
                    ("written_off", "Written off"),
                    ("links_revoked", "Tracking links ended"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="CallTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, max_length=120)),
                ("number", models.CharField(blank=True, max_length=80)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("confirm", "ask whether it works"),
                            ("urgent", "say that we know and are on it"),
                            ("call_back", "call back"),
                        ],
                        max_length=12,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reached", "reached"),
                            ("voicemail", "left a message"),
                            ("no_answer", "no answer"),
                            ("other_way", "told another way"),
                            ("not_needed", "not needed any more"),
                        ],
                        max_length=12,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="calls", to="incidents.incident"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=["customer", "due_at"],
                        name="calltask_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("incident", "why"),
                        name="calltask_one_open_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person__isnull", False), ("name__gt", ""), ("number__gt", ""), _connector="OR"
                        ),
                        name="calltask_is_to_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done_at__isnull", True), ("outcome__gt", ""), _connector="OR"),
                        name="calltask_done_says_what_came_of_it",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessDebt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("resolution_code", "What was done"),
                            ("outcome", "The outcome in plain words"),
                            ("service", "The service"),
                            ("cause_category", "Why it happened"),
                            ("configuration_item", "The part that failed"),
                            ("known_error", "Workaround or known error"),
                            ("detection", "Who noticed it first"),
                            ("change", "The change"),
                        ],
                        max_length=20,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("done", "done"), ("written_off", "written off")],
                        default="open",
                        max_length=12,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_value", "It would help nobody"),
                            ("not_knowable", "Nobody can know it"),
                            ("duplicate", "It stands elsewhere"),
                        ],
                        max_length=14,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="debts", to="incidents.incident"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")), fields=["customer", "due_at"], name="processdebt_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "rule"), name="processdebt_once_a_rule"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state", "open")),
                            models.Q(models.Q(("state", "open"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="processdebt_settled_is_stamped",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason__gt", ""), ("state", "written_off")),
                            models.Q(models.Q(("state", "written_off"), _negated=True), ("reason", "")),
                            _connector="OR",
                        ),
                        name="processdebt_written_off_says_why",
                        violation_error_message="Please say why it is written off.",
                    ),
                ],
            },
        ),
    ]
