"""The deployment that the incidents happened in. Every switch is an environment variable of the same name."""
import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def switch(name):
    return os.environ.get(name, "0") == "1"


def words(name, default=""):
    return [word for word in os.environ.get(name, default).split(",") if word]


DEBUG = switch("DEBUG")
# Not a secret: nothing is signed with it. The text is what tests look for on a leaked debug page.
SECRET_KEY = "key-of-the-service-under-test"
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
APPEND_SLASH = switch("APPEND_SLASH")

SECURE_SSL_REDIRECT = switch("SECURE_SSL_REDIRECT")
SECURE_REDIRECT_EXEMPT = words("SECURE_REDIRECT_EXEMPT")
if switch("SECURE_PROXY_SSL_HEADER"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Requests in a minute, whoever asks; 0 is no limit.
RATE_LIMIT = int(os.environ.get("RATE_LIMIT", "0"))
# The mistake of incident 6: the liveness view asks the database too.
LIVE_ASKS_DATABASE = switch("LIVE_ASKS_DATABASE")

ROOT_URLCONF = "service.urls"
WSGI_APPLICATION = "service.wsgi.application"
INSTALLED_APPS = ["django.contrib.staticfiles", "orders"]
MIDDLEWARE = [
    "service.middleware.RateLimit",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]

if "DB_HOST" in os.environ:
    DATABASE = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["DB_HOST"],
        "PORT": os.environ.get("DB_PORT", "5432"),
        "NAME": os.environ.get("DB_NAME", "postgres"),
        "USER": os.environ.get("DB_USER", "postgres"),
        "PASSWORD": os.environ.get("DB_PASSWORD", ""),
        "OPTIONS": {"connect_timeout": 2},
    }
else:
    DATABASE = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SQLITE_PATH", ":memory:"),
    }
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL", "")

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT") or None
STATICFILES_DIRS = [BASE_DIR / "assets"]
# With the manifest, a page that links a file fails until collectstatic has run.
if switch("STATIC_MANIFEST"):
    STATICFILES_STORAGE = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"

USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
