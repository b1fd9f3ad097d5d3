"""Overrides for the test suite only: a fast hasher and a database name of one's own."""

import os
import re
import tempfile
from pathlib import Path

os.environ.setdefault("EVENKEEL_SECRET_KEY", "only-for-tests")

from itsm.environment import env_int
from itsm.settings import *  # noqa: F403  (settings are one namespace by design)
from itsm.settings import CACHES, DATABASES, REDIS_URL, STORAGES, TEMPLATES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow one costs 40 ms a log-in
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("EVENKEEL_TEST_DB") or None}
DATABASES["default"]["CONN_MAX_AGE"] = 0
MEDIA_ROOT = Path(tempfile.gettempdir()) / "evenkeel-test-media"
STORAGES["default"]["OPTIONS"] = {"location": MEDIA_ROOT}
# Each process of the suite empties its own cache: 0 belongs to the broker, 1 and more to the processes gw0, gw1, ...
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CACHES["default"]["LOCATION"] = re.sub(r"([/=])0$", rf"\g<1>{_PROCESS + 1}", REDIS_URL)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "UNKNOWN_TEMPLATE_VARIABLE(%s)"
DEMO = True
UNDO_SECONDS = env_int("EVENKEEL_UNDO_SECONDS", 0)  # said at once, but where a test asks for the wait
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
