"""The environment is read once; everything wrong with it is said at the same time."""

from pathlib import Path

import pytest

from app.config import ConfigurationError, Settings, resource

GOOD_SECRET = "Zk3nq8vT1yWc6Xj0Rb5Ld9Pf2Hs7Mg4A-ue"


def read(tmp_path: Path, *, demo: bool = False, **environ: str) -> Settings:
    return Settings.from_env({"SECRET_KEY": GOOD_SECRET, "DATA_DIR": str(tmp_path)} | environ, demo=demo)


def problems(tmp_path: Path, **environ: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, **environ)
    return "\n".join(refused.value.problems)


def test_nothing_but_a_secret_is_needed(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8000, None)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.signing_keys == tmp_path / "keys"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        PORT="http",
        PUBLIC_URL="tickets",
        DATABASE_URL="mysql://db",
        TRUSTED_PROXIES="the-proxy",
        WEBHOOK_ALLOW="localhost",
        SMTP_URL="mail",
        STORAGE_URL="ftp://files",
        POOL_SIZE="0",
        SECRET_KEY="short",
    )
    assert told.count("\n") == 8
    for name in ("PORT", "PUBLIC_URL", "DATABASE_URL", "TRUSTED_PROXIES", "WEBHOOK_ALLOW", "SMTP_URL", "STORAGE_URL"):
        assert name in told


@pytest.mark.parametrize("secret", ["", "short", "a" * 64, "abcabcabcabcabcabcabcabcabcabcabcabcabc", "changeme-" * 5])
def test_a_missing_or_weak_secret_refuses_to_start(tmp_path: Path, secret: str) -> None:
    assert "SECRET_KEY" in problems(tmp_path, SECRET_KEY=secret)


def test_a_refusal_never_repeats_a_secret(tmp_path: Path) -> None:
    assert "hunter2" not in problems(tmp_path, SECRET_KEY="hunter2", DATABASE_URL="mysql://me:hunter2@db/x")


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{GOOD_SECRET}\n")
    assert read(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(file)).secret_key == GOOD_SECRET
    assert "cannot be read" in problems(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "none"))
    assert "not both" in problems(tmp_path, SECRET_KEY_FILE=str(file))


def test_a_demo_makes_a_secret_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    first = read(tmp_path, demo=True, SECRET_KEY="")
    again = read(tmp_path, demo=True, SECRET_KEY="")
    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_settings_can_be_printed_without_their_secrets(tmp_path: Path) -> None:
    settings = read(tmp_path, DATABASE_URL="postgresql://me:hunter2@db/x", SMTP_URL="smtp://me:hunter2@mail")
    assert GOOD_SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_any_usual_spelling_of_a_database_url_will_do(tmp_path: Path, scheme: str) -> None:
    settings = read(tmp_path, DATABASE_URL=f"{scheme}://me@db/tickets")
    assert settings.database_url == "postgresql+asyncpg://me@db/tickets"
    assert settings.owner_url == settings.database_url


def test_web_and_worker_become_the_app_role_unless_they_signed_in_as_it(tmp_path: Path) -> None:
    assert read(tmp_path, DATABASE_URL="postgresql://owner@db/tickets").app_role == "countersign_app"
    assert read(tmp_path, DATABASE_URL="postgresql://countersign_app@db/tickets").app_role is None


def test_an_owner_alone_is_not_enough(tmp_path: Path) -> None:
    assert "needs DATABASE_URL" in problems(tmp_path, DATABASE_OWNER_URL="postgresql://owner@db/tickets")


def test_data_goes_home_where_the_working_directory_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/proc")
    settings = Settings.from_env({"SECRET_KEY": GOOD_SECRET, "XDG_DATA_HOME": str(tmp_path)})
    assert settings.data_dir == tmp_path / "countersign"


@pytest.mark.parametrize("folder", ["templates", "static", "migrations"])
def test_resources_are_found(folder: str) -> None:
    assert resource(folder).is_dir()
