"""The suite's settings for processes of their own: the database is the one they are told, static files are served."""

from itsm.settings_test import *  # noqa: F403  (settings are one namespace by design)

ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
WHITENOISE_USE_FINDERS = True
