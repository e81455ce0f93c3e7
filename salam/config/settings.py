"""All settings in one file. What differs between installations comes from the environment, typed
and checked.
"""

from __future__ import annotations

import json
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


def env_headers(name: str) -> dict[str, str]:
    """Headers of a request, as a JSON object of texts; their values may hold a secret."""
    value = env_text(name, "{}")
    try:
        headers = json.loads(value)
    except ValueError:
        headers = None
    if not isinstance(headers, dict) or not all(isinstance(one, str) for one in headers.values()):
        raise ImproperlyConfigured(f'{name} must be a JSON object like {{"Accept": "text/plain"}}.')
    return headers


def env_hours(name: str, default: str) -> tuple[int, int] | None:
    """Hours as "22-8"; None for "0", when nothing is quiet."""
    value = env_text(name, default)
    if value == "0":
        return None
    begins, _, ends = value.partition("-")
    if not (begins.isdecimal() and ends.isdecimal() and int(begins) < 24 and int(ends) < 24):
        raise ImproperlyConfigured(f"{name} must be hours like 22-8, or 0, not {value!r}.")
    return int(begins), int(ends)


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
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "pgtrigger",
    "django_linear_migrations",
    "procrastinate.contrib.django",
    "salam.core",
    "salam.places",
    "salam.people",
    "salam.people.vault",
    "salam.organizations",
    "salam.access",
    "salam.cases",
    "salam.messaging",
    "salam.programmes",
    "salam.timebank",
    "salam.needs",
    "salam.service",
    "salam.matching",
    "salam.reporting",
    "salam.web",
    # After our own templates, which may stand in for a widget's.
    "django.forms",
    # Below ours, so that our templates are found first.
    "salam.core.catalogue_config.CatalogueAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
FORM_RENDERER = "salam.web.renderers.KitRenderer"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "salam.web.middleware.ChosenLanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "salam.web.middleware.ActorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "salam.web.middleware.DomainErrorMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "salam.web.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "salam.web.templatetags.persian"],
        },
    },
]
ROOT_URLCONF = "salam.config.urls"
WSGI_APPLICATION = "salam.config.wsgi.application"

# How messages leave (salam/messaging/gateways): the first two reach nobody.
SALAM_SMS_GATEWAY = env_choice("SALAM_SMS_GATEWAY", ("file", "console", "http", "kavenegar"))
SALAM_SMS_URL = env_text("SALAM_SMS_URL", "")
SALAM_SMS_KEY = env_text("SALAM_SMS_KEY", "")
SALAM_SMS_SENDER = env_text("SALAM_SMS_SENDER", "")
SALAM_SMS_METHOD = env_choice("SALAM_SMS_METHOD", ("POST", "GET"))
SALAM_SMS_HEADERS = env_headers("SALAM_SMS_HEADERS")
SALAM_SMS_BODY = env_text("SALAM_SMS_BODY", "")
SALAM_SMS_ACCEPTED = env_text("SALAM_SMS_ACCEPTED", "")
# A batch is reckoned with ten seconds a message, so a gateway has a little less to answer.
SALAM_SMS_SECONDS = 8
# In Tehran. Codes, urgent messages and gateways that reach nobody know no quiet hours.
SALAM_QUIET_HOURS = env_hours("SALAM_QUIET_HOURS", "22-8")

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
    # Counted by all processes of the site together: limits, and codes that were used.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "KEY_FUNCTION": "salam.web.accounts.limits.sealed_key",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # What each process may keep for itself.
    "local": {
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
SESSION_COOKIE_SECURE = SECURE_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_SERIALIZER = "salam.web.accounts.sessions.SealedSerializer"
SESSION_COOKIE_AGE = 30 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
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

# Log-in (docs/decisions/0013-log-in.md). The mobile number is proved by a code; allauth does it.
AUTH_USER_MODEL = "access.Login"
AUTHENTICATION_BACKENDS = ["salam.web.accounts.sessions.SessionBackend"]
PASSWORD_HASHERS = ["salam.access.hashing.PinHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/me/"
LOGOUT_REDIRECT_URL = "/"
# Proxies of ours in front of the site: the visitor's address is that far from the end of
# X-Forwarded-For, and what a visitor wrote into it is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env_count("SALAM_PROXIES", default=1 if SECURE_HTTPS else 0)
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_ADAPTER = "salam.web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 5 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_FORMS = {
    "confirm_login_code": "salam.web.accounts.forms.CodeForm",
    "reauthenticate": "salam.web.accounts.forms.PinAgainForm",
}
# Thousands of phones share one address behind a mobile operator: what guards a phone is counted by
# phone, and addresses only stop machines. The last one is a fuse: every message costs money.
SALAM_READS_A_MINUTE = 120
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "request_login_code": "60/m/ip,600/h/ip",
    "send_login_code": "1/m/key,5/h/key,10/d/key",
    # As many as a large family shares one phone, and no more tries of others' identifiers.
    "register": "6/h/key,12/d/key",
    "send_any_login_code": f"{env_count('SALAM_CODES_AN_HOUR', default=6000)}/h/key",
    "try_login_code": "5/5m/key",
    "login_failed": "60/m/ip,5/5m/key",
}
MFA_ADAPTER = "salam.web.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "salam.web.accounts.forms.SecondFactorForm",
    "reauthenticate": "salam.web.accounts.forms.SecondFactorAgainForm",
    "activate_totp": "salam.web.accounts.forms.NewAppForm",
    "add_webauthn": "salam.web.accounts.forms.NewKeyForm",
    "edit_webauthn": "salam.web.accounts.forms.KeyNameForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Salam Mahalleh"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A house of generated people, set by `salam demo`: the page may show the code that was sent.
SALAM_DEMO = env_flag("SALAM_DEMO", default=False)

# Whoever gets reports of errors learns where, never what somebody had typed.
DEFAULT_EXCEPTION_REPORTER_FILTER = "salam.web.error_reports.NothingTyped"

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
        # Its lines quote addresses, which with some providers hold key, number and text.
        "urllib3": {"level": "CRITICAL"},
        # Anybody can send a wrong host name, as often as they like.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
