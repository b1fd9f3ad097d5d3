"""The suite's settings for processes of their own: the database is the one they are told, static files are served."""

from itsm.settings_test import *  # noqa: F403  (settings are one namespace by design)
from itsm.settings_test import WAYS_OUT

WAYS_OUT = WAYS_OUT | {"sms": "tests.faults.ways.open_quick"}
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
WHITENOISE_USE_FINDERS = True
