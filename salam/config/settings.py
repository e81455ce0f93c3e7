"""All settings in one file. What differs between installations comes from the environment, typed
and checked.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from salam.config.postgres import connection_for
from salam.config.secrets import read_or_make_secret

CHECKOUT = Path(__file__).resolve().parents[2]


def env_text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def env_list(name: str, default: str) -> list[str]:
    parts = (part.strip() for part in env_text(name, default).split(","))
    return [part for part in parts if part]


def env_flag(name: str, *, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in {"", "1", "true", "yes", "0", "false", "no"}:
        return default if not value else value in {"1", "true", "yes"}
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def env_count(name: str, *, default: int) -> int:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def env_choice(name: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first when nothing is set."""
    value = env_text(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings of one PostgreSQL, from DATABASE_URL or for the embedded server."""
    if url:
        if not url.startswith(("postgres://", "postgresql://")):
            raise ImproperlyConfigured("DATABASE_URL must start with postgresql://")
        try:
            named = conninfo_to_dict(url)
        except ProgrammingError:
            # The driver's own message repeats the address with its password.
            raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from None
    else:
        named = conninfo_to_dict(connection_for(home=SALAM_HOME).url())
    options: dict[str, Any] = {
        name: value
        for name, value in named.items()
        if name not in {"host", "port", "user", "password", "dbname"}
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": named.get("host", ""),
        "PORT": str(named.get("port", "")),
        "USER": named.get("user", ""),
        "PASSWORD": named.get("password", ""),
        "NAME": named.get("dbname", ""),
        "OPTIONS": options | _pool_options(),
    }


def _pool_options() -> dict[str, Any]:
    """A pool for the site's threads only: a command has one connection and wants to hear of a
    failure at once.
    """
    size = env_count("SALAM_POOL", default=0)
    return {"pool": {"min_size": 1, "max_size": size}} if size else {}


# Where everything that is not code lives: the embedded database, secrets of this installation,
# error files.
SALAM_HOME = Path(env_text("SALAM_HOME", str(CHECKOUT / "var"))).expanduser().resolve()
# Outside SALAM_HOME on purpose: a copy of the data folder alone must not open the vault.
SALAM_VAULT_KEY_FILE = (
    Path(
        env_text(
            "SALAM_VAULT_KEY_FILE",
            str(Path(env_text("XDG_CONFIG_HOME", "~/.config")) / "salam" / "vault.key"),
        ),
    )
    .expanduser()
    .absolute()
)

DEBUG = env_flag("SALAM_DEBUG", default=False)
SECRET_KEY = read_or_make_secret(path=SALAM_HOME / "secret_key")
ALLOWED_HOSTS = env_list("SALAM_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("SALAM_ORIGINS", "")

DATABASE_URL = env_text("DATABASE_URL", "")
DATABASES = {"default": database_settings(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.staticfiles",
    "pgtrigger",
    "django_linear_migrations",
    "procrastinate.contrib.django",
    "salam.core",
    "salam.places",
    "salam.people",
    "salam.people.vault",
    "salam.organizations",
    "salam.access",
    "salam.messaging",
    "salam.programmes",
    "salam.timebank",
    "salam.needs",
    "salam.service",
    "salam.matching",
    "salam.reporting",
    "salam.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "salam.web.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "salam.web.middleware.DomainErrorMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "salam.web.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "salam.web.templatetags.persian"],
        },
    },
]
ROOT_URLCONF = "salam.config.urls"
WSGI_APPLICATION = "salam.config.wsgi.application"

# How messages leave (salam/messaging/gateways). Neither reaches anybody yet.
SALAM_SMS_GATEWAY = env_choice("SALAM_SMS_GATEWAY", ("file", "console"))

LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", "فارسی"), ("en", "English")]
LOCALE_PATHS = [CHECKOUT / "salam" / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000  # seconds: a year
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tehran"

# AGPL: who uses the site over the network may have its source; the footer links to it.
SALAM_SOURCE_URL = env_text("SALAM_SOURCE_URL", "")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = SALAM_HOME / "static"
STATICFILES_DIRS = [CHECKOUT / "salam" / "web" / "static" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HTTPS = env_flag("SALAM_HTTPS", default=False)
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_HTTPS else None
CSRF_COOKIE_SECURE = SECURE_HTTPS
LANGUAGE_COOKIE_SECURE = SECURE_HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# Ids only, never names or phones: rooms log with arguments, and nothing here prints request bodies.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "salam": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django.request": {"level": "ERROR"},
        # Anybody can send a wrong host name, as often as they like.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
