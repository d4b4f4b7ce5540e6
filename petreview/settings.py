"""Settings. The same code runs everywhere; only the environment differs (README, "Settings").

Everything a running app keeps lies under one folder, PETREVIEW_HOME, so that two can run side by side.
"""

import os
from pathlib import Path

import dj_database_url

from petreview.secret_key import load_or_make_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("PETREVIEW_HOME") or BASE_DIR / "var").resolve()
for folder in ("store", "broker/in", "broker/processed", "uploads", "exports"):
    (HOME / folder).mkdir(parents=True, exist_ok=True)

# Demo accounts exist only where this is set; without it web process and worker refuse them (startup.py).
DEMO = os.environ.get("PETREVIEW_DEMO") == "1"
DEBUG = os.environ.get("PETREVIEW_DEBUG") == "1"
SECRET_KEY = os.environ.get("PETREVIEW_SECRET_KEY") or load_or_make_secret_key(HOME / "secret_key")
ALLOWED_HOSTS = os.environ.get("PETREVIEW_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("PETREVIEW_TRUSTED_ORIGINS", "").split(",") if o]
HTTPS = os.environ.get("PETREVIEW_HTTPS") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "annotations",
    "inference",
    "petreview",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "petreview.urls"
ASGI_APPLICATION = "petreview.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "dist"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("PETREVIEW_DATABASE_URL") or f"sqlite:///{HOME / 'petreview.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Invariant 9: writers queue at BEGIN instead of failing in the middle of a transaction. Invariant 6: with
    # recursive triggers a frozen row is not replaced either (INSERT OR REPLACE, UPDATE OR REPLACE).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        " PRAGMA recursive_triggers=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "annotations.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [d for d in (BASE_DIR / "frontend" / "dist",) if d.is_dir()]
# The build's file names carry a hash of their content, so WhiteNoise may serve the folder as it is.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 31536000

SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Two apps on two ports of one host share cookies; each PETREVIEW_HOME has its own names.
_COOKIE = os.environ.get("PETREVIEW_COOKIE_PREFIX", "petreview")
SESSION_COOKIE_NAME = f"{_COOKIE}_session"
CSRF_COOKIE_NAME = f"{_COOKIE}_csrf"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Voxel blobs and label map patches are larger than Django's default of 2.5 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 5000
FILE_UPLOAD_TEMP_DIR = str(HOME / "uploads")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["petreview.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "petreview.api_errors.exception_handler",
    "DEFAULT_THROTTLE_RATES": {"login": os.environ.get("PETREVIEW_LOGIN_RATE", "10/min")},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PETReview",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "FallbackRuleEnum": "annotations.reads.design.FALLBACK_RULES",
        "RoleEnum": "annotations.accounts.models.Role",
        "ProducerKindEnum": "annotations.segmentations.models.ProducerKind",
        "ReadStateEnum": "annotations.reads.models.Read.State",
        "CaseRoleEnum": "annotations.reads.models.CaseRole",
        "ArmEnum": "annotations.reads.models.Arm.Start",
        "ExemptionRuleEnum": "annotations.reads.models.Exemption.Rule",
        "AnalysisSetRuleEnum": "annotations.reads.design.SET_RULES",
        "PassRuleEnum": "annotations.reads.design.PASS_RULES",
        "SampleSizeKindEnum": "annotations.reads.design.SAMPLE_SIZE_KINDS",
        "AllocationKindEnum": "annotations.reads.allocation.KINDS",
        "DifferenceKindEnum": "annotations.reads.api.result_serializers.DIFFERENCES",
        "PlantedKindEnum": "annotations.reads.api.study_serializers.PLANTED_KINDS",
        "WorklistStateEnum": "annotations.reads.api.serializers.WORKLIST_STATES",
        "StartStateEnum": "annotations.reads.api.study_serializers.START_STATES",
        "ShownStartEnum": "annotations.reads.api.serializers.SHOWN_STARTS",
        "ReaderStudyStateEnum": "annotations.reads.api.study_serializers.STATES",
        "ReadResultStateEnum": "annotations.reads.api.study_serializers.RESULT_STATES",
        "EventKindEnum": "annotations.reads.models.EventKind",
    },
    "AUTHENTICATION_WHITELIST": ["rest_framework.authentication.SessionAuthentication"],
}

REDIS_URL = os.environ.get("PETREVIEW_REDIS_URL", "")
if REDIS_URL:
    # The layer waits 5 s for a message at a time; redis-py's own limit of 5 s would end each quiet socket.
    _LAYER = {"hosts": [{"address": REDIS_URL, "socket_timeout": 15.0}]}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": _LAYER}}
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"visibility_timeout": 3600}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CELERY_BROKER_URL = "filesystem://localhost"  # kombu wants a host; the folders below are what counts
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(HOME / "broker" / "in"),
        "data_folder_out": str(HOME / "broker" / "in"),
        "processed_folder": str(HOME / "broker" / "processed"),
        "control_folder": str(HOME / "broker" / "control"),
        "store_processed": False,
        # A worker takes one message a look: with a second between, a backlog of rings would grow.
        "polling_interval": 0.2,
    }
# The database is the truth and the broker only a doorbell (invariant 5): nothing is kept in it.
CELERY_TASK_IGNORE_RESULT = True
# Imports and other short work never wait behind a job: each queue has workers of its own.
CELERY_TASK_DEFAULT_QUEUE = "cpu"
CELERY_TASK_ROUTES = {"inference.jobs.run_job": {"queue": "gpu"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Remote control needs a fan-out broker, and is a second way to stop jobs that the job table knows nothing of.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# Jobs (invariant 5).
JOB_LEASE_SECONDS = int(os.environ.get("PETREVIEW_JOB_LEASE_SECONDS", "60"))
JOB_SWEEP_SECONDS = int(os.environ.get("PETREVIEW_JOB_SWEEP_SECONDS", "10"))
JOB_MAX_ATTEMPTS = int(os.environ.get("PETREVIEW_JOB_MAX_ATTEMPTS", "3"))
JOB_TIME_LIMIT_SECONDS = int(os.environ.get("PETREVIEW_JOB_TIME_LIMIT_SECONDS", str(4 * 3600)))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # highdicom reports each module it copies at INFO.
    "loggers": {"highdicom": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": os.environ.get("PETREVIEW_LOG_LEVEL", "INFO")},
}
