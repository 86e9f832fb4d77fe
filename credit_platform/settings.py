"""Settings of the site. Everything that differs between installations comes from the environment."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF

from credit_platform import database_url, keys
from credit_platform.embedded import services

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = BASE_DIR / ".local"
INSTANCE = os.environ.get("CREDIT_INSTANCE", "main")

# --- servers: DATABASE_URL / REDIS_URL name real ones, otherwise this checkout's embedded ones are started --
EMBEDDED = "DATABASE_URL" not in os.environ
if EMBEDDED:
    _servers = services(INSTANCE)
    _site_url, _owner_url, _redis_url = _servers.database_url, _servers.owner_url, _servers.redis_url
else:
    _site_url, _owner_url = os.environ["DATABASE_URL"], os.environ.get("DATABASE_OWNER_URL", "")
    _redis_url = ""
REDIS_URL = os.environ.get("REDIS_URL") or _redis_url
DATABASE_ROLE = os.environ.get("CREDIT_DB_ROLE", "site")
if DATABASE_ROLE == "owner" and not _owner_url:
    raise SystemExit(
        "DATABASE_OWNER_URL is not set: migrations run as the owner of the tables, not as the site role"
    )
_name = os.environ.get("CREDIT_DB_NAME", "")
try:
    _database = _site = database_url.read(_site_url, variable="DATABASE_URL", name=_name)
    if DATABASE_ROLE == "owner":
        _database = database_url.read(_owner_url, variable="DATABASE_OWNER_URL", name=_name)
except database_url.DatabaseUrlRefused as refused:
    raise SystemExit(str(refused)) from None
if not REDIS_URL:
    raise SystemExit(
        "REDIS_URL is not set: DATABASE_URL names a real server, so name the Redis beside it too"
    )
SITE_DATABASE = urlsplit(_site_url)
DATABASE_SITE_ROLE: str = _site["USER"]
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "credit_platform.tenancy.backend",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            **_database["OPTIONS"],
            # Settings of the acting context reach the shards of a distributed database; plain PostgreSQL ignores it.
            "options": "-c citus.propagate_set_commands=local",
        },
    }
}

# --- secrets ------------------------------------------------------------------------------------------------
_local_keys = EMBEDDED or os.environ.get("CREDIT_LOCAL_KEYS") == "1"
try:
    CREDIT_KEYS = keys.load(os.environ, local_file=LOCAL_DIR / "keys.json" if _local_keys else None)
except keys.KeysMissing as missing:
    raise SystemExit(str(missing)) from None
SECRET_KEY = CREDIT_KEYS.secret

# --- the site -----------------------------------------------------------------------------------------------
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CREDIT_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CREDIT_ORIGINS", "").split(",") if origin]
HTTPS = os.environ.get("CREDIT_HTTPS") == "1"
ROOT_URLCONF = "credit_platform.urls"
WSGI_APPLICATION = "credit_platform.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "credit_platform.tenancy",
    "credit_platform.web",
    "accounts",
    "audit",
    "agencies",
    "agencies.organisation",
    "agencies.market_supervision",
    "agencies.transport",
    "agencies.justice",
    "agencies.education",
    "agencies.health",
    "agencies.human_resources",
    "agencies.finance",
    "agencies.taxation",
    "agencies.development_reform",
    "agencies.fire_rescue",
    "agencies.audit_office",
    "agencies.housing",
    "agencies.financial_services",
    "agencies.culture_tourism",
    "agencies.civil_affairs",
    "agencies.emergency_management",
    "agencies.ecology",
    "agencies.publicity",
    "agencies.cyberspace",
    "agencies.commerce",
    "agencies.postal",
    "agencies.administrative_approval",
    "agencies.central_bank",
    "notices",
    "archives",
    "delivery",
    "verification",
    "oversight",
    "manual",
    "demo",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "guardian",
    "rest_framework",
    "django_htmx",
    "lucide",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "credit_platform.web.middleware.PrivatePagesMiddleware",
    "credit_platform.web.errors.ErrorPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SessionGuardMiddleware",
    "agencies.middleware.ActorMiddleware",
    "audit.middleware.AccessJournalMiddleware",
    "credit_platform.tenancy.middleware.TenantTransactionMiddleware",
    "archives.views.reasons.ReasonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "credit_platform.web.context.shell",
                "agencies.context.actor",
                "notices.context.bell",
            ]
        },
    }
]
FORM_RENDERER = "credit_platform.web.renderer.DSRenderer"
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 40
FILE_UPLOAD_HANDLERS = ["credit_platform.web.uploads.LimitedUploadHandler"]

PRIVATE_FILES = Path(os.environ.get("CREDIT_PRIVATE_FILES") or LOCAL_DIR / "private" / INSTANCE)
"""Evidence, scans and results of jobs: encrypted, never below a folder that a web server serves."""

STATIC_URL = "/static/"
STATIC_ROOT = LOCAL_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- signing in (GB/T 22239-2019 level 3: failed log-in handling, session end, time-out) --------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.CharacterClassValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 3600
IDLE_SECONDS = int(os.environ.get("CREDIT_IDLE_SECONDS", "1800"))
IDLE_WARNING_SECONDS = int(os.environ.get("CREDIT_IDLE_WARNING_SECONDS", "120"))
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "credit_platform.web.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = [
    "axes.W002"
]  # its middleware would replace our page; accounts.services asks axes itself
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
PROXIES = int(os.environ.get("CREDIT_PROXIES", "0"))
SLOW_LIMITS = {"username": (50, 24), "ip_address": (200, 1)}
"""More than so many failures within so many hours stop an account, or an address, whatever the other one is."""
GUARDIAN_RAISE_403 = False
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False

# --- headers ------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # probes ask inside the network, without TLS, and want a 200
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

# --- background work ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 360,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
}
CELERY_TIMEZONE = TIME_ZONE
WORKER_STOP_SECONDS = float(os.environ.get("CREDIT_WORKER_STOP_SECONDS", "60"))
CHECK_SECONDS = float(os.environ.get("CREDIT_CHECK_SECONDS", "10"))
DELIVERY_SECONDS = float(os.environ.get("CREDIT_DELIVERY_SECONDS", "10"))
CELERY_BEAT_SCHEDULE = {
    # Beat only rings the bell: what is due is computed from the database.
    "deliver": {
        "task": "delivery.tasks.ring",
        "schedule": DELIVERY_SECONDS,
        "options": {"expires": max(DELIVERY_SECONDS * 3, 30)},
    },
    "check identities": {
        "task": "verification.tasks.ring",
        "schedule": CHECK_SECONDS,
        "options": {"expires": max(CHECK_SECONDS * 3, 30)},
    },
    "mail": {"task": "notices.tasks.ring", "schedule": 20.0, "options": {"expires": 20.0}},
    "nil returns": {
        "task": "archives.tasks.tell_of_nil_returns",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    # By night: a rule that was loaded in error can be taken back until then.
    "empty": {
        "task": "archives.tasks.empty_all",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 3600.0},
    },
    "sweep jobs": {"task": "archives.tasks.sweep_all", "schedule": 15.0, "options": {"expires": 15.0}},
}
DELIVERY_RETRY_SECONDS = float(os.environ.get("CREDIT_DELIVERY_RETRY_SECONDS", "10"))
PLATFORM_PLAIN_HTTP = os.environ.get("CREDIT_PLATFORM_PLAIN_HTTP") == "1"  # the line is protected otherwise
PLATFORM_TIMEOUT = (5.0, float(os.environ.get("CREDIT_PLATFORM_TIMEOUT_SECONDS", "30")))
PLATFORM_URLS = dict(
    pair.split("=", 1) for pair in os.environ.get("CREDIT_PLATFORM_URLS", "").split(",") if "=" in pair
)
CHECK_TIMEOUT = (5.0, float(os.environ.get("CREDIT_CHECK_TIMEOUT_SECONDS", "10")))
CHECK_URLS = dict(
    pair.split("=", 1) for pair in os.environ.get("CREDIT_CHECK_URLS", "").split(",") if "=" in pair
)

# --- mail: only where CREDIT_SMTP (host:port) names a server --------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_smtp_host, _, _smtp_port = os.environ.get("CREDIT_SMTP", "").rpartition(":")
EMAIL_HOST, EMAIL_PORT = _smtp_host, int(_smtp_port or "25")
EMAIL_HOST_USER = os.environ.get("CREDIT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CREDIT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("CREDIT_SMTP_TLS") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("CREDIT_MAIL_FROM", "notice@localhost")
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2]
MAIL_DELAY_SECONDS = float(os.environ.get("CREDIT_MAIL_DELAY_SECONDS", "60"))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": None,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},
    },
}
