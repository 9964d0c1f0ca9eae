"""Settings refuse what is missing or unsafe, and say which variable it is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import Environment, InstallationRole, Settings, UnsafeSettingError
from wsgi import create_app

ROOT = Path(__file__).resolve().parent.parent
GOOD_KEY = "k8fJ2mQ9xR4tV7wZ1bN6cL3pS5dG0hYa"


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"INSTANCE": str(tmp_path / "i"), **env})


def test_development_makes_a_key_of_its_own_once(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "i" / "secret_key").stat().st_mode) == 0o600
    assert settings(tmp_path / "other").secret_key != first.secret_key


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"BANGXANH_ENV": "production"}, "SECRET_KEY"),
        ({"BANGXANH_ENV": "production", "SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"BANGXANH_ENV": "live"}, "BANGXANH_ENV"),
        ({"BANGXANH_ROLE": "ward"}, "BANGXANH_ROLE"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
        ({"BANGXANH_TIME_ZONE": "Mars/Base"}, "BANGXANH_TIME_ZONE"),
        ({"BANGXANH_HUB_URL": "ftp://hub"}, "BANGXANH_HUB_URL"),
        ({"BANGXANH_HUB_URL": "http://u:p@hub"}, "BANGXANH_HUB_URL"),
        ({"BANGXANH_TRUSTED_PROXIES": "-1"}, "BANGXANH_TRUSTED_PROXIES"),
        ({"BANGXANH_TRUSTED_PROXIES": "99"}, "BANGXANH_TRUSTED_PROXIES"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL"),
        ({"REDIS_URL": "redis://127.0.0.1:abc/0"}, "REDIS_URL"),
        ({"DATABASE_URL": "postgresql"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://u:geheim@host:abc/x"}, "DATABASE_URL"),
        ({"BANGXANH_TIME_ZONE": "Asia"}, "BANGXANH_TIME_ZONE"),
        ({"BANGXANH_TIME_ZONE": "../../etc/passwd"}, "BANGXANH_TIME_ZONE"),
        ({"BANGXANH_PUBLIC_URL": "https://bangxanh.example:abc"}, "BANGXANH_PUBLIC_URL"),
        ({"BANGXANH_PUBLIC_URL": "https://[bad"}, "BANGXANH_PUBLIC_URL"),
        ({"BANGXANH_HUB_URL": "https://:geheim@hub.example"}, "BANGXANH_HUB_URL"),
        ({"BANGXANH_SENDER_CODE": "a b/../c"}, "BANGXANH_SENDER_CODE"),
        ({"BANGXANH_SENDER_CODE": "a" * 65}, "BANGXANH_SENDER_CODE"),
        ({"BANGXANH_NOW": "yesterday"}, "BANGXANH_NOW"),
        ({"PORT": "abc"}, "PORT"),
        ({"PORT": "99999"}, "PORT"),
        ({"SECRET_KEY": "changeme-changeme-changeme-changeme"}, "SECRET_KEY"),
        ({"BANGXANH_ENV": "production", "SECRET_KEY": GOOD_KEY, "DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
        (
            {"BANGXANH_ENV": "production", "SECRET_KEY": GOOD_KEY, "BANGXANH_HUB_URL": "http://hub.example"},
            "BANGXANH_HUB_URL",
        ),
        (
            {"BANGXANH_ENV": "production", "SECRET_KEY": GOOD_KEY, "BANGXANH_NOW": "2026-10-05T07:00"},
            "BANGXANH_NOW",
        ),
    ],
)
def test_an_unsafe_value_stops_the_start_and_is_named(
    tmp_path: Path, env: dict[str, str], named: str
) -> None:
    with pytest.raises(UnsafeSettingError, match=named) as refusal:
        settings(tmp_path, **env)
    assert "geheim" not in str(refusal.value), "a refusal goes to a log, where no password belongs"


@pytest.mark.parametrize("command", [("-m", "flask", "--app", "wsgi", "audit", "verify"), ("wsgi.py",)])
def test_who_starts_it_unsafely_reads_a_line_not_a_traceback(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    env = {"PATH": os.environ["PATH"], "BANGXANH_ENV": "production", "INSTANCE": str(tmp_path / "i")}
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Bảng Xanh: SECRET_KEY")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "i").exists()


def test_a_good_production_starts(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        BANGXANH_ENV="production",
        SECRET_KEY=GOOD_KEY,
        DATABASE_URL="postgres://u@127.0.0.1/b",
        BANGXANH_HUB_URL="https://hub.example/",
        BANGXANH_ROLE="hub",
    )
    assert found.environment is Environment.PRODUCTION
    assert found.role is InstallationRole.HUB
    assert found.database_url == "postgresql+psycopg://u@127.0.0.1/b"
    assert found.hub_url == "https://hub.example"
    assert not (tmp_path / "i" / "secret_key").exists()


@pytest.mark.parametrize(
    ("role", "name"), [("school", "__Host-bx_session"), ("hub", "__Host-bx_hub_session")]
)
def test_no_other_host_can_plant_a_session_in_production(tmp_path: Path, role: str, name: str) -> None:
    found = settings(tmp_path, BANGXANH_ENV="production", SECRET_KEY=GOOD_KEY, BANGXANH_ROLE=role)
    assert create_app(found).config["SESSION_COOKIE_NAME"] == name


def test_what_a_command_makes_is_for_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSTANCE", str(tmp_path))
    before = os.umask(0o022)
    try:
        create_app()
        (tmp_path / "bangxanh.db").touch()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "bangxanh.db").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnsafeSettingError, match="INSTANCE"):
        Settings.from_env({"INSTANCE": str(tmp_path / "file" / "i")})


def test_a_broken_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "i").mkdir()
    (tmp_path / "i" / "secret_key").write_text("zu kurz")
    with pytest.raises(UnsafeSettingError, match="secret_key"):
        settings(tmp_path)
