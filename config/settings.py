"""The whole truth about how the desk is set up, read from the environment, one block a subject.

Nothing needs to be set to try the desk: SQLite, a Valkey out of a wheel and keys made under `var/` on first use. Once
DATABASE_URL names PostgreSQL the desk is live, and then a missing secret stops the start with a sentence that names it.
"""

import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.keys import fresh_key, key_made_once

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
TESTING = "pytest" in sys.modules

# --- where things are kept -------------------------------------------------------------------------------------------
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
DEMO = env.bool("DEMO", default=False)
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / ('demo.sqlite3' if DEMO else 'tinglan.sqlite3')}")
EMBEDDED = DATABASE_URL.startswith("sqlite")


def secret(name: str) -> str:
    """The secret called `name`: from the environment, or, embedded only, made once under `var/keys`."""
    value = env.str(name, default="")
    if value:
        return value
    if not EMBEDDED and not TESTING:
        raise ImproperlyConfigured(
            f"{name} is missing. A live desk (DATABASE_URL names PostgreSQL) needs it in the environment; "
            f"`python -m config.keys` prints a fresh set. See docs/operations.md."
        )
    return key_made_once(VAR_DIR / "keys", name.lower(), lambda: fresh_key(name))


# --- secrets: three keys, three purposes; SECRETS_KEYS may hold several, newest first, for rotation ------------------
SECRET_KEY = secret("SECRET_KEY")
SECRETS_KEYS = [key.strip() for key in secret("SECRETS_KEYS").split(",")]
AUDIT_KEY = secret("AUDIT_KEY")

# --- who may knock ---------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")
BEHIND_TLS = env.bool("BEHIND_TLS", default=SITE_URL.startswith("https://"))
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many proxies of ours stand before the desk

# --- the newsroom: a host name and a process of its own, with nothing of the desk on it ------------------------------
NEWSROOM_URL = env.str("NEWSROOM_URL", default=SITE_URL)  # where the public reads it: canonical addresses begin so
NEWSROOM_HOST = env.str("NEWSROOM_HOST", default="")  # requests for this host see the newsroom alone
SERVES = env.str("SERVES", default="desk")  # "newsroom": this process serves the newsroom alone, on any host
if NEWSROOM_HOST:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, NEWSROOM_HOST.rsplit(":", 1)[0]]
# The worker writes the whole newsroom here whenever it changes: a web server can serve it while the desk is down.
NEWSROOM_EXPORT_DIR = Path(env.str("NEWSROOM_EXPORT_DIR", default=str(VAR_DIR / "newsroom")))
NEWSROOM_CHECK_URL = env.str("NEWSROOM_CHECK_URL", default="")  # asked every minute whether it answers
NEWSROOM_FRESH_SECONDS = 0 if TESTING else 1  # a page kept in memory is shown so long before the database is asked

# --- the apps, downstairs first --------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_fsm",
    "django_htmx",
    "lucide",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "template_partials",
    "audit",
    "accounts",
    "notices",
    "opinion",
    "monitoring",
    "incidents",
    "response",
    "readiness",
    "config",
]

MIDDLEWARE = [
    "response.public_side.NewsroomHost",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionLimits",
    "accounts.middleware.PasswordMustChange",
    "accounts.middleware.RefusalsAreAudited",
    "config.look.Toasts",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.newsroom_urls" if SERVES == "newsroom" else "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.look.desk",
            ],
        },
    },
]

FORM_RENDERER = "config.forms.DeskForms"

# --- the database: SQLite to try it, PostgreSQL to live on it --------------------------------------------------------
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if EMBEDDED:
    # Measured: with these, two workers and two web writers saw no lock error; with the defaults, hundreds.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA recursive_triggers=ON;",
    }
    # The shared in-memory test database locks under threads, so tests use a file, one for each run.
    # Its tables are made from the models, four seconds less for each worker: what migrates is `manage.py up` in
    # tests/e2e, and the suite on PostgreSQL.
    TEST_FILE = Path(tempfile.gettempdir()) / f"tinglan-test-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_FILE), "MIGRATE": False}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the doorbell: Redis or Valkey; the truth stays in the database --------------------------------------------------
# A unix socket path may have 107 bytes at most, so the embedded server's stands in a short folder of its own.
# Tests have one for each run, so that a desk running from the same folder hears nothing of them.
_whose = f"test-{os.getpid()}" if TESTING else f"{os.getuid()}-{sha256(os.fsencode(VAR_DIR)).hexdigest()[:8]}"
SOCKET_DIR = Path(tempfile.gettempdir()) / f"tinglan-{_whose}"
REDIS_URL = env.str("REDIS_URL", default=f"unix://{SOCKET_DIR / 'valkey.sock'}")

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
# Without the last two, a killed worker's task comes back only about 100 s after the visibility timeout (measured).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": env.int("VISIBILITY_TIMEOUT", default=300),
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "global_keyprefix": env.str("REDIS_PREFIX", default="tinglan:"),
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "beat": {"task": "config.tasks.beat", "schedule": 10},
    "poll-due-sources": {"task": "monitoring.tasks.poll_due_sources", "schedule": 15 if DEMO else 60},
    "try-watches": {"task": "monitoring.tasks.try_watches", "schedule": 60},
    "raise-signals": {"task": "monitoring.tasks.raise_signals", "schedule": 15 if DEMO else 60},
    "send-notices": {"task": "notices.tasks.send_notices", "schedule": 10},
    "chase-calls": {"task": "notices.tasks.chase_calls", "schedule": 15},
    "send-releases": {"task": "response.tasks.send_releases", "schedule": 5},
    "export-newsroom": {"task": "response.tasks.export_newsroom", "schedule": 10},
    "watch-channels": {"task": "response.tasks.watch_channels", "schedule": 60},
    "remind-overdue": {"task": "response.tasks.remind_overdue", "schedule": 60},
    "remind-of-outreach": {"task": "response.tasks.remind_of_outreach", "schedule": 900},
    "capture-pages": {"task": "response.tasks.capture_pages", "schedule": 20},
    "tell-overdue-legal": {"task": "response.tasks.tell_overdue_legal", "schedule": 60},
    "sweep-incidents": {"task": "incidents.tasks.sweep", "schedule": 60},
    "propose-levels": {"task": "incidents.tasks.propose", "schedule": 60},
    "retoken": {"task": "opinion.tasks.retoken", "schedule": 30},
    "prune": {"task": "opinion.tasks.prune", "schedule": 3600},
    "look-for-people": {"task": "opinion.tasks.look_for_people", "schedule": 300},
    "erase-people": {"task": "opinion.tasks.erase_people", "schedule": 300},
    "train": {"task": "opinion.tasks.train", "schedule": 60},
    "spread-stories": {"task": "opinion.tasks.spread_stories", "schedule": 60},
    "tell-of-trouble": {"task": "monitoring.tasks.tell_of_trouble", "schedule": 60},
    "flag-missed-logs": {"task": "monitoring.tasks.flag_missed_logs", "schedule": 300},
    "count-coverage": {"task": "monitoring.tasks.count_coverage", "schedule": 600},
    "read-mailboxes": {"task": "monitoring.tasks.read_mailboxes", "schedule": 60},
    "work-imports": {"task": "monitoring.tasks.work_imports", "schedule": 10},
    "prune-polls": {"task": "monitoring.tasks.prune_polls", "schedule": 3600},
}

# --- people: sign-in, sessions, lock-out -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapters.DeskAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = False  # one login limiter, axes, not two
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
    "change_password": "accounts.forms.OwnPasswordForm",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_ADAPTER = "accounts.adapters.DeskMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.SetUpAppForm",
}
MFA_RATE_LIMITS: dict[str, str] | bool = False
MFA_TOTP_ISSUER = "Tinglan"
MFA_TOTP_TOLERANCE = 1  # 30 s: a code typed in its last second still counts; a code counts once (accounts.forms)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are written by the security administrator, nobody claims one
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS
AXES_HANDLER = "accounts.lockout.CountedFirst"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.client_address"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours: a lock ends by itself, so nobody can keep a leader out for good
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "accounts.views.own.locked_out"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail is the log
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_SECURE = BEHIND_TLS
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# --- signing in with a chat account: a platform whose app is named here gets a button on the sign-in page ------------
CHAT_BASE_URL = env.str("CHAT_BASE_URL", default="")  # of the stand-in, manage.py fake_channels
if CHAT_BASE_URL and not (EMBEDDED or DEMO or TESTING):
    raise ImproperlyConfigured(
        "CHAT_BASE_URL names a stand-in, where anybody may say that they are anybody. "
        "A live desk (DATABASE_URL names PostgreSQL) does not start with it."
    )
CHAT_APPS = {
    "wecom": {
        "id": env.str("WECOM_CORP_ID", default=""),
        "secret": env.str("WECOM_SECRET", default=""),
        "agent": env.str("WECOM_AGENT_ID", default=""),
    },
    "dingtalk": {"id": env.str("DINGTALK_APP_KEY", default=""), "secret": env.str("DINGTALK_APP_SECRET", default="")},
    "feishu": {"id": env.str("FEISHU_APP_ID", default=""), "secret": env.str("FEISHU_APP_SECRET", default="")},
}

# --- how downstairs is heard upstairs: dotted names, called inside the act's transaction -----------------------------
ACCOUNT_HOOKS = ["notices.account_news.tell"]
TOPIC_HOOKS = ["monitoring.services.stories.after_topic_change", "incidents.services.stories.after_topic_change"]
TRIAGE_HOOKS = ["incidents.services.proposing.after_triage"]
VENDOR_OUTCOME_HOOKS = ["incidents.selectors.search.outcomes_of_posts"]
ORIGINAL_HOOKS = ["incidents.services.stories.after_new_originals"]
DUTY_HOOKS = ["incidents.duty.open_incidents"]
APPROVAL_HOOKS = [
    "response.selectors.signoffs.signatures_waiting",
    "response.selectors.lines.lines_waiting",
    "response.selectors.holding.holding_texts_waiting",
    "response.selectors.papers.papers_waiting",
]
DELEGATE_HOOKS = ["response.selectors.delegates.written_by_delegates"]
LIMIT_HOOKS = ["response.services.plan.limits_of"]
NOTICE_SUBJECTS = {"incident": "incidents.services.telling.may_know"}
INCIDENT_HOOKS = [
    "incidents.services.people.after_step",
    "response.services.tasks.after_step",
    "response.services.statements.after_step",
    "response.services.reporting.after_step",
]
REGULATOR_HOOKS = ["response.selectors.incoming.attention_of"]  # what regulators sent about one, for its severity
STANDING_AUTHORITY = "response.selectors.plan.gives_standing_authority"  # whether the adopted plan carries a 常设授权

# --- browser safety --------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
SECURE_HSTS_PRELOAD = BEHIND_TLS
X_FRAME_OPTIONS = "DENY"

# --- listening: which private addresses a source may have (an RSSHub of our own, the demo's feeds) -------------------
FETCH_ALLOWED_HOSTS = env.list("FETCH_ALLOWED_HOSTS", default=[])
RSSHUB_URL = env.str("RSSHUB_URL", default="").rstrip("/")
RSSHUB_KEY = env.str("RSSHUB_KEY", default="")
if RSSHUB_URL:
    FETCH_ALLOWED_HOSTS = [*FETCH_ALLOWED_HOSTS, urlsplit(RSSHUB_URL).netloc]
# What renders pages as evidence: a path or name; "" looks for a Chromium, "off" renders nothing.
CAPTURE_BROWSER = env.str("CAPTURE_BROWSER", default="")
POLL_THREADS = env.int("POLL_THREADS", default=32)  # fetches at once in one batch of sources
HEARD_DAYS = 7
ORIGINAL_DAYS = 180
AUTHOR_DAYS = env.int("AUTHOR_DAYS", default=365)
SENTIMENT_ENGINE = env.str("SENTIMENT_ENGINE", default="hybrid")

# --- telling people --------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="tinglan@localhost")
# Outgoing calls go to public addresses over https. "host:port" of what else may be called: an SMS gateway in the
# house, the demo's stand-in for the chat platforms (manage.py fake_channels).
OUTGOING_ALLOWED_HOSTS = env.list("OUTGOING_ALLOWED_HOSTS", default=[])

# --- telling the public ----------------------------------------------------------------------------------------------
CHANNEL_BASE_URL = env.str(
    "CHANNEL_BASE_URL", default=""
)  # of the stand-in for WeChat and Weibo, manage.py fake_channels
if CHANNEL_BASE_URL and not (EMBEDDED or DEMO or TESTING):
    raise ImproperlyConfigured(
        "CHANNEL_BASE_URL names a stand-in: statements would go nowhere and be called published. "
        "A live desk (DATABASE_URL names PostgreSQL) does not start with it."
    )
# Fonts for the statement as a picture, most wanted first; by default those a system usually has.
STATEMENT_FONTS = env.list("STATEMENT_FONTS", default=[])

# --- languages and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.str("COMPANY_TIME_ZONE", default="Asia/Shanghai")
COMPANY_NAME = env.str("COMPANY_NAME", default="")

# --- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    # Evidence, and files while they are imported: a folder under VAR_DIR, or for instance an S3-compatible service.
    "default": env.json("FILES_STORAGE", default={"BACKEND": "django.core.files.storage.FileSystemStorage"}),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # compressing takes 20 s at every start
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "files"
WHITENOISE_USE_FINDERS = TESTING or DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- the API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "config.api.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.problem",
    "DEFAULT_VERSIONING_CLASS": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tinglan",
    "DESCRIPTION": "What the desk says to other machines.",
    "VERSION": "1.0.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "VerdictEnum": "monitoring.models.Verdict",
        "LevelEnum": "incidents.levels.Level",
        "LevelRequestKindEnum": "incidents.models.LevelRequest.Kind",
    },
}

# --- logging: one line an outcome, values as arguments, never post text, names or keys -------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "django.security.DisallowedHost": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"] if not BEHIND_TLS else []
