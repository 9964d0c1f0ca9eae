"""Settings: one frozen dataclass built from the environment; it refuses a missing or unsafe value."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_SECRET_LENGTH = 32
MIN_DIFFERENT = 12
MOST_PROXIES = 5
LONGEST_CODE = 64
LARGEST_PORT = 65_535
T = TypeVar("T", bound=StrEnum)


class UnsafeSettingError(RuntimeError):
    """A setting is missing or unsafe; the message names the variable and what to do."""


class Environment(StrEnum):
    """Where the process runs: it decides which defaults are acceptable."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TEST = "test"


class InstallationRole(StrEnum):
    """What this installation is: the schools' product, or the provincial hub that receives aggregates."""

    SCHOOL = "school"
    HUB = "hub"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between installations. Paths are absolute, addresses without a final slash."""

    environment: Environment
    role: InstallationRole
    instance: Path
    secret_key: str
    database_url: str
    redis_url: str | None
    time_zone: str
    public_url: str | None
    trusted_proxies: int
    hub_url: str | None
    sender_code: str
    monitor_loop: int
    now: str | None
    second_factor_required: bool
    host: str
    port: int

    @property
    def is_production(self) -> bool:
        """Whether cookies must be Secure and development defaults are refused."""
        return self.environment is Environment.PRODUCTION

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Build the settings from environment variables; raise UnsafeSettingError when one will not do."""
        env = os.environ if env is None else env
        environment = _choice(env, "BANGXANH_ENV", Environment, Environment.DEVELOPMENT)
        instance = Path(env.get("INSTANCE") or "instance").absolute()
        settings = cls(
            environment=environment,
            role=_choice(env, "BANGXANH_ROLE", InstallationRole, InstallationRole.SCHOOL),
            instance=instance,
            secret_key=_secret_key(env, environment, instance),
            database_url=_database_url(env, instance, environment),
            redis_url=_redis_url(env),
            time_zone=_time_zone(env.get("BANGXANH_TIME_ZONE") or "Asia/Ho_Chi_Minh"),
            public_url=_address(env, "BANGXANH_PUBLIC_URL", https=environment is Environment.PRODUCTION),
            trusted_proxies=_whole_number(env, "BANGXANH_TRUSTED_PROXIES", 0, most=MOST_PROXIES),
            hub_url=_address(env, "BANGXANH_HUB_URL", https=environment is Environment.PRODUCTION),
            sender_code=_sender_code(env),
            monitor_loop=_whole_number(env, "BANGXANH_MONITOR_LOOP", 0, most=60_000),
            now=_frozen_now(env, environment),
            second_factor_required=_second_factor_required(env, environment),
            host=env.get("HOST") or "127.0.0.1",
            port=_whole_number(env, "PORT", 8000, most=LARGEST_PORT),
        )
        _make_folder(instance)
        return settings


def _choice(env: Mapping[str, str], name: str, kind: type[T], default: T) -> T:
    value = env.get(name) or default
    try:
        return kind(value)
    except ValueError as error:
        allowed = ", ".join(kind)
        message = f"{name}={value!r} is not known; use one of: {allowed}"
        raise UnsafeSettingError(message) from error


def _secret_key(env: Mapping[str, str], environment: Environment, instance: Path) -> str:
    given = env.get("SECRET_KEY") or ""
    if given:
        if len(given) < MIN_SECRET_LENGTH or len(set(given)) < MIN_DIFFERENT:
            message = (
                f"SECRET_KEY is too short or too regular; use {MIN_SECRET_LENGTH} random characters or more"
            )
            raise UnsafeSettingError(message)
        return given
    if environment is Environment.PRODUCTION:
        message = "SECRET_KEY is missing; production does not start without it"
        raise UnsafeSettingError(message)
    return _development_key(instance)


def _make_folder(instance: Path) -> None:
    """Make the instance folder, which must be writable: the job queue lies there even beside PostgreSQL."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"INSTANCE={str(instance)!r} cannot be made: {error.strerror}"
        raise UnsafeSettingError(message) from error
    if not os.access(instance, os.W_OK | os.X_OK):
        message = f"INSTANCE={str(instance)!r} cannot be written to by this user"
        raise UnsafeSettingError(message)


def _development_key(instance: Path) -> str:
    """Read the instance folder's own key, making it once; two processes starting together agree on one."""
    path = instance / "secret_key"
    _make_folder(instance)
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    key = path.read_text().strip()
    try:
        base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    except (ValueError, binascii.Error) as error:
        message = f"{path} does not hold a key; delete it and start again"
        raise UnsafeSettingError(message) from error
    if len(key) < MIN_SECRET_LENGTH:
        message = f"{path} is too short to be a key; delete it and start again"
        raise UnsafeSettingError(message)
    return key


def _write_once(path: Path, content: str) -> None:
    """Make the file whole or not at all: a process that starts at the same moment reads one complete key."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _database_url(env: Mapping[str, str], instance: Path, environment: Environment) -> str:
    url = env.get("DATABASE_URL")
    if not url:
        return f"sqlite:///{instance / 'bangxanh.db'}"
    scheme = url.split(":", 1)[0]
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return _parsed("postgresql+psycopg:" + url.partition(":")[2])
    if scheme == "sqlite" and environment is Environment.PRODUCTION and not url.startswith("sqlite:////"):
        message = (
            "DATABASE_URL must name a file by its whole path in production: sqlite:////var/lib/…/bangxanh.db"
        )
        raise UnsafeSettingError(message)
    if scheme == "sqlite":
        return _parsed(url)
    message = f"DATABASE_URL begins with {scheme!r}; use sqlite:/// or postgresql://"
    raise UnsafeSettingError(message)


def _parsed(url: str) -> str:
    """Return the address of a database if it can be read; the refusal does not repeat it, for the password in it."""
    try:
        make_url(url)
    except (ArgumentError, ValueError) as error:
        message = "DATABASE_URL is not an address such as postgresql://user:password@host:5432/database"
        raise UnsafeSettingError(message) from error
    return url


def _redis_url(env: Mapping[str, str]) -> str | None:
    url = env.get("REDIS_URL") or None
    if url and not (url.startswith(("redis://", "rediss://", "unix://")) and _has_readable_port(url)):
        message = "REDIS_URL is not an address such as redis://127.0.0.1:6379/0"
        raise UnsafeSettingError(message)
    return url


def _has_readable_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _sender_code(env: Mapping[str, str]) -> str:
    """Return the name under which the hub knows this installation; it travels in a header and in addresses."""
    code = env.get("BANGXANH_SENDER_CODE") or "local"
    if len(code) > LONGEST_CODE or not (code.isascii() and code.replace("-", "").replace("_", "").isalnum()):
        message = (
            f"BANGXANH_SENDER_CODE={code!r} is not a code of letters, digits, - and _, up to {LONGEST_CODE}"
        )
        raise UnsafeSettingError(message)
    return code


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not there, a path that leads out, a folder
        message = f"BANGXANH_TIME_ZONE={name!r} is not a time zone; for example Asia/Ho_Chi_Minh"
        raise UnsafeSettingError(message) from error
    return name


def _address(env: Mapping[str, str], name: str, *, https: bool) -> str | None:
    value = env.get(name)
    if not value:
        return None
    if not _is_plain(value):
        message = f"{name} is not an address such as https://host, without a name or password in it"
        raise UnsafeSettingError(message)
    parts = urlsplit(value)
    if https and parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        message = f"{name} must begin with https:// in production"
        raise UnsafeSettingError(message)
    return value.rstrip("/")


def _is_plain(address: str) -> bool:
    if not _has_readable_port(address):
        return False
    parts = urlsplit(address)
    has_more = parts.username or parts.password or parts.query or parts.fragment
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not has_more


def _whole_number(env: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    value = env.get(name) or str(default)
    if not value.isdecimal() or int(value) > most:
        message = f"{name}={value!r} is not a whole number up to {most}"
        raise UnsafeSettingError(message)
    return int(value)


def _frozen_now(env: Mapping[str, str], environment: Environment) -> str | None:
    """Return the instant at which a server under test begins; production refuses it."""
    value = env.get("BANGXANH_NOW") or None
    if value and environment is Environment.PRODUCTION:
        message = "BANGXANH_NOW stops the clock and is for tests only"
        raise UnsafeSettingError(message)
    try:
        datetime.fromisoformat(value or "2026-10-05T07:00")
    except ValueError as error:
        message = f"BANGXANH_NOW={value!r} is not an instant such as 2026-10-05T07:00+07:00"
        raise UnsafeSettingError(message) from error
    return value


def _second_factor_required(env: Mapping[str, str], environment: Environment) -> bool:
    """Whether roles that reach beyond a school must give a second factor; production does not do without."""
    is_production = environment is Environment.PRODUCTION
    value = env.get("BANGXANH_SECOND_FACTOR") or ("required" if is_production else "optional")
    if value not in {"required", "optional"}:
        message = f"BANGXANH_SECOND_FACTOR={value!r} is not known; use required or optional"
        raise UnsafeSettingError(message)
    if is_production and value == "optional":
        message = "BANGXANH_SECOND_FACTOR=optional is for development and tests only"
        raise UnsafeSettingError(message)
    return value == "required"
