"""All settings, from the environment; `portal.py run` and docker-compose.yml set it."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from itsm.environment import env_bool, env_int, env_list, env_secret, running_services

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("EVENKEEL_VAR") or BASE_DIR / "var")
SERVICES = {} if "DATABASE_URL" in os.environ else running_services(VAR)

# --- what kind of run this is
DEBUG = env_bool("EVENKEEL_DEBUG")
DEMO = env_bool("EVENKEEL_DEMO")  # shows the demo log-ins, /dev/mail/ and the component gallery
SECRET_KEY = env_secret("EVENKEEL_SECRET_KEY", SERVICES.get("secret_key", ""))
SECRET_KEY_FALLBACKS = env_list("EVENKEEL_SECRET_KEY_FALLBACKS")
BASE_URL = os.environ.get("EVENKEEL_BASE_URL", SERVICES.get("base_url", "http://localhost:8000")).rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env_list("EVENKEEL_ALLOWED_HOSTS", f"{urlsplit(BASE_URL).hostname},localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- the house
INSTALLED_APPS = [
    "notifications",
    "problems",
    "incidents",
    "customers",
    "itsm",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "knox",
    "drf_spectacular",
]
# Who hears of what happened, by name, in this order; each is called as consume(event) in the relay's transaction.
EVENT_CONSUMERS = ["incidents.reactions.consume", "problems.reactions.consume", "notifications.relay.consume"]
# Per name a function that returns the age of the oldest due work (a timedelta); /readyz asks them all.
DUE_WORK = {
    "events": "itsm.events.oldest_due",
    "clocks": "incidents.clocks.oldest_due",
    "joined_reports": "incidents.keeping_up.oldest_due",
    "deliveries": "notifications.sending.oldest_due",
    "fan_outs": "notifications.fanning.oldest_due",
    "inbound_mail": "notifications.inbound.work.oldest_due",
    "mailbox": "notifications.inbound.imap.silence",
    "outgoing": "incidents.outgoing.oldest_due",
}
# Per name a function that counts what was given up and waits for a person; /readyz shows it, but is not red for it.
GIVEN_UP_WORK = {
    "deliveries": "notifications.sending.given_up",
    "inbound_mail": "notifications.inbound.work.given_up",
}
# How many were told of which events, by which way: takes the ids of incidents' events (incidents.pack_contents).
TOLD_OF_EVENTS = "notifications.delivered.counts"
# What each floor holds about a person (customers.held), and what may speak against erasing it, as a sentence.
PERSONAL_DATA = [f"{floor}.HELD" for floor in (
    "customers.held", "incidents.personal_data", "problems.personal_data", "notifications.personal_data",
)]  # fmt: skip
ERASURE_CHECKS = ["incidents.personal_data.why_not_erase"]
# The demo story: each floor tells its own part, from the ground up.
DEMO_SEEDS = [
    "customers.demo.seed", "incidents.demo.seed", "problems.demo.seed", "problems.demo_known.seed",
    "notifications.demo.seed",
]  # fmt: skip

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "itsm.middleware.refuse_unreadable",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "itsm.middleware.headers",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "itsm.middleware.signed_out_fragments",
    "itsm.middleware.readers_zone",
    "notifications.middleware.read_by_opening",
]
ROOT_URLCONF = "itsm.urls"
WSGI_APPLICATION = "itsm.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "itsm.context.portal",
            ],
        },
    },
]

# --- state: PostgreSQL holds the truth, Redis wakes people up
DATABASE_URL = env_secret("DATABASE_URL", SERVICES.get("database_url", "postgres:///evenkeel"))
DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
    | {"ATOMIC_REQUESTS": False, "DISABLE_SERVER_SIDE_CURSORS": env_bool("EVENKEEL_PGBOUNCER")}
}
if password := env_secret("EVENKEEL_DATABASE_PASSWORD"):  # kept out of the URL where secrets are files
    DATABASES["default"]["PASSWORD"] = password
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c statement_timeout=15000 -c lock_timeout=5000"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_secret("REDIS_URL", SERVICES.get("redis_url", "redis://localhost:6379/0"))
CACHES = {
    "default": {
        "BACKEND": "itsm.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.4, "socket_connect_timeout": 0.4, "retry": Retry(NoBackoff(), 0)},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Celery runs processes; it holds no truth. Why each value: docs/architecture.md, "Workers".
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_connect_timeout": 1,
    "socket_timeout": 3,
    "global_keyprefix": os.environ.get("EVENKEEL_QUEUE_PREFIX", ""),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "notifications.tasks.send_sms": {"queue": "hooks"},
    "notifications.tasks.send_webhooks": {"queue": "hooks"},
    "notifications.tasks.send_chat": {"queue": "hooks"},
    "notifications.tasks.*": {"queue": "mail"},
    "notifications.tasks.fan_out": {"queue": "default"},
    "incidents.tasks.measure_goals": {"queue": "long"},
    "incidents.tasks.index_older": {"queue": "long"},
    "incidents.tasks.go_on_packing": {"queue": "long"},
    "incidents.tasks.*": {"queue": "sweep"},
    "incidents.tasks.keep_up": {"queue": "default"},
    "customers.tasks.*": {"queue": "default"},
    "problems.tasks.*": {"queue": "default"},
    "problems.tasks.propose_recurring": {"queue": "long"},
    "itsm.tasks.*": {"queue": "sweep"},
    "customers.tasks.go_on_importing": {"queue": "long"},
}
CELERY_TIMEZONE = "UTC"

# --- mail
EMAIL = urlsplit(env_secret("EMAIL_URL", SERVICES.get("email_url", "smtp://localhost:25")))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = EMAIL.hostname or "localhost"
EMAIL_PORT = EMAIL.port or 25
EMAIL_HOST_USER = unquote(EMAIL.username or "")
EMAIL_HOST_PASSWORD = unquote(EMAIL.password or "")
EMAIL_USE_TLS = EMAIL.scheme == "smtp+tls"
EMAIL_USE_SSL = EMAIL.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EVENKEEL_MAIL_FROM", f"Evenkeel <desk@{urlsplit(BASE_URL).hostname}>")
MAIL_HOST = DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].rstrip("> ")  # the right-hand side of our Message-IDs
MAILDIR = os.environ.get("EVENKEEL_MAILDIR", SERVICES.get("maildir", ""))  # the embedded SMTP catcher's
UNDO_SECONDS = env_int("EVENKEEL_UNDO_SECONDS", 10)  # in which an agent can take back what they sent; 0: none
# What opens the way out of each channel (notifications.channels.base).
WAYS_OUT = {
    "email": "notifications.channels.email.open_email",
    "sms": "notifications.channels.sms.open_sms",
    "webhook": "notifications.channels.webhook.open_webhook",
    "chat": "notifications.channels.chat.open_chat",
}
DELIVERY_LEASE_SECONDS = env_int("EVENKEEL_DELIVERY_LEASE_SECONDS", 60)
# Mail that comes in, by `manage.py receive_mail` (docs/inbound-mail.md); each way in is off while it is not named.
INBOUND_URL = env_secret("EVENKEEL_INBOUND_URL")  # imaps://user:password@host/INBOX
INBOUND_DONE_FOLDER = os.environ.get("EVENKEEL_INBOUND_DONE_FOLDER", "")  # where taken mails are moved on the server
INBOUND_LMTP = os.environ.get("EVENKEEL_INBOUND_LMTP", "")  # host:port to listen on
INBOUND_SMTP = os.environ.get("EVENKEEL_INBOUND_SMTP", "")  # likewise, for servers that do not speak LMTP
INBOUND_MAILDIR = os.environ.get("EVENKEEL_INBOUND_MAILDIR", SERVICES.get("inbound_maildir", ""))  # mails drop in
INBOUND_ADDRESSES = env_list("EVENKEEL_INBOUND_ADDRESSES")  # the desk's further addresses besides the sender's
INBOUND_AUTHSERV = os.environ.get("EVENKEEL_INBOUND_AUTHSERV", "")  # whose Authentication-Results are believed
INBOUND_KEEP_DAYS = env_int("EVENKEEL_INBOUND_KEEP_DAYS", 90)  # of what was filed, the bytes as they came; 0: for good
INBOUND_MAX_BYTES = env_int("EVENKEEL_INBOUND_MAX_MB", 30) * 1024 * 1024
# Answers go to a signed address with a "+": only where mail comes in, and only if the server delivers such addresses.
REPLY_BY_MAIL = env_bool("EVENKEEL_REPLY_BY_MAIL", any((INBOUND_URL, INBOUND_LMTP, INBOUND_SMTP, INBOUND_MAILDIR)))

# --- calls to other servers (itsm.outbound)
OUTBOUND_LOOPBACK = env_bool("EVENKEEL_OUTBOUND_LOOPBACK")  # for the embedded run and tests: this machine may be called
OUTBOUND_CA = os.environ.get("EVENKEEL_OUTBOUND_CA", "")  # certificates to trust, where the system's are not enough

# --- SMS (docs/sms.md): any gateway that takes an HTTP request; without an address nobody is told by SMS
SMS_URL = os.environ.get("EVENKEEL_SMS_URL", SERVICES.get("sms_url", ""))
SMS_FORMAT = os.environ.get("EVENKEEL_SMS_FORMAT", "json")  # or form
SMS_FIELDS = env_list("EVENKEEL_SMS_FIELDS", "to=to,from=sender,text=text,id=id")
SMS_AUTH = os.environ.get("EVENKEEL_SMS_AUTH", "Bearer")
SMS_TOKEN = env_secret("EVENKEEL_SMS_TOKEN")
SMS_SENDER = os.environ.get("EVENKEEL_SMS_SENDER", "Evenkeel")
SMS_COUNTRY = os.environ.get("EVENKEEL_SMS_COUNTRY", "")  # "+49": of numbers that name no country
SMS_FOLDER = os.environ.get("EVENKEEL_SMS_FOLDER", SERVICES.get("sms_folder", ""))  # the embedded gateway's

# --- people
AUTH_USER_MODEL = "customers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "incidents:portal_home"
# Uniqueness of the e-mail is a constraint on its lower case, which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "customers.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited by an administrator or their own contact; nobody signs up
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # never mail an address somebody merely typed
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("EVENKEEL_TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Evenkeel"
MFA_ADAPTER = "customers.accounts.MfaAdapter"

# --- language and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English")), ("de", _("German")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- files
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR / "media"  # never served by a web server: incidents.views hands each file out through visible_to
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if env_bool("EVENKEEL_COMPRESS_STATIC")
    else {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
ATTACHMENT_MAX_BYTES = 10 * 1024 * 1024
EVIDENCE_PACK_DAYS = env_int("EVENKEEL_EVIDENCE_PACK_DAYS", 30)  # then a pack is deleted; its hash stays

# --- what browsers are told
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "evenkeel_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "evenkeel_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 3600
SECURE_SSL_REDIRECT = HTTPS and env_bool("EVENKEEL_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_int("EVENKEEL_TRUSTED_PROXIES", 0) else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "itsm.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "itsm.parsers.CarefulJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "itsm.paging.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "1200/min"},
    "EXCEPTION_HANDLER": "itsm.errors.api_exception",
    "PAGE_SIZE": 50,
}
REST_KNOX = {"TOKEN_LIMIT_PER_USER": 20, "TOKEN_PREFIX": "ek_", "TOKEN_TTL": None, "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Evenkeel API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "ScaleEnum": "incidents.models.Incident.Scale",
        "EndpointKindEnum": "notifications.models.Endpoint.Kind",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("EVENKEEL_LOG_LEVEL", "INFO")},
    "loggers": {"css_inline": {"level": "WARNING"}},
}
