from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

import config


def test_defaults_need_no_environment(configure: Callable[..., config.Settings]) -> None:
    chosen = configure()
    assert chosen.markets == "demo"
    assert chosen.agent_mode == "dry-run"
    assert chosen.database_url is None
    assert chosen.agent_budget_per_day == Decimal(40_000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MARKETS", "everywhere"),
        ("WEB_PORT", "http"),
        ("AGENT_MODE", "yolo"),
        ("AGENT_BUDGET_TOTAL", "-1"),
        ("AGENT_MARGIN_FLOOR", "1.5"),
        ("CRAWL_REQUESTS_PER_MINUTE", "500"),
        ("CRAWL_CRON", "every hour"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(
    configure: Callable[..., config.Settings], name: str, value: str
) -> None:
    with pytest.raises(config.SettingsError, match=f"{name}='?{value}"):
        configure(**{name: value})


@pytest.mark.parametrize("command", [["scheduler.py", "--once"], ["-m", "database", "upgrade"]])
def test_a_wrong_value_stops_the_start_of_a_program(command: list[str]) -> None:
    environment = {**os.environ, "WEB_PORT": "-5"}
    ended = subprocess.run(
        [sys.executable, *command], cwd=config.ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode != 0
    assert "WEB_PORT='-5'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in config.Settings.model_fields.items() if not field.description] == []


def test_the_example_file_lists_every_setting_with_its_default() -> None:
    assert (config.ROOT / ".env.example").read_text() == config.example()


def test_the_signing_key_is_made_once_and_readable_by_the_owner_only(
    configure: Callable[..., config.Settings], tmp_path: object
) -> None:
    chosen = configure(DATA_DIR=tmp_path)
    key = chosen.signing_key()
    assert len(key) >= 32
    assert chosen.signing_key() == key
    assert (chosen.data_dir / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_make_the_signing_key_at_once_get_the_same_whole_one(
    configure: Callable[..., config.Settings], tmp_path: object
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    chosen = configure(DATA_DIR=tmp_path)
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: chosen.signing_key(), range(64)))
    assert [len(key) >= 32 for key in keys] == [True]
    assert [file.name for file in chosen.data_dir.iterdir()] == ["secret_key"]
