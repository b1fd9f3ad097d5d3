"""Policies stored before know their business calendar by its old name, and the knobs that came since."""

import hashlib
import json

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from customers.policy import level_defaults

CAME_SINCE = ("reply", "pauses", "escalation", "remind_every_h", "warn_before_min")


def complete(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for policy in apps.get_model("customers", "Policy").objects.all():
        if "business" in policy.content:
            continue
        defaults = level_defaults(policy.content["level"])
        policy.content |= {"business": "business"} | {knob: defaults[knob] for knob in CAME_SINCE}
        policy.digest = hashlib.sha256(json.dumps(policy.content, sort_keys=True).encode()).hexdigest()
        policy.save()


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_agreement")]

    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
