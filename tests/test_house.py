"""The house's own rules: what is documented, locked and forbidden."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def requirement_names(lines: list[str]) -> list[str]:
    return [re.split(r"[<>=!~\[ ;]", line, maxsplit=1)[0].lower() for line in lines]


def test_the_rooms_that_were_asked_for_stand_at_the_top() -> None:
    rooms = ["crawlers", "pipelines", "analytics_sql", "reseller", "webapp", "tests"]
    files = ["scheduler.py", "scrapy.cfg", "pyproject.toml", "README.md"]
    assert [name for name in rooms if not (ROOT / name).is_dir()] == []
    assert [name for name in files if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_each_package_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    blocks = re.findall(r"^([a-z0-9][^\s=]*==\S+)(.*?)(?=^[a-z0-9]|\Z)", text, flags=re.S | re.M)
    assert blocks
    assert [name for name, rest in blocks if "--hash=sha256:" not in rest] == []


def test_what_pyproject_asks_for_is_locked() -> None:
    runtime = requirement_names(PROJECT["project"]["dependencies"])
    dev = requirement_names(PROJECT["dependency-groups"]["dev"])
    locked = set(requirement_names((ROOT / "requirements.lock").read_text().splitlines()))
    locked_dev = set(requirement_names((ROOT / "requirements-dev.lock").read_text().splitlines()))
    assert [name for name in runtime if name not in locked] == []
    assert [name for name in runtime + dev if name not in locked_dev] == []


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "TECHNOLOGY_STACK.md").read_text()
    names = requirement_names(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"])
    assert [name for name in names if f"| {name} |" not in page] == []


def test_no_file_names_a_registry_or_a_machine_path() -> None:
    words = ["pypi" + ".org", "files.python" + "hosted", "registry." + "npmjs", "/wo" + "rk/", "/ro" + "ot/"]
    found = []
    for file in tracked():
        text = file.read_text(errors="ignore")
        found += [f"{file.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert found == []


def test_nothing_is_fetched_from_a_cdn() -> None:
    pages = tracked("webapp/*.html", "webapp/*.css", "webapp/*.js", "demo/*.html", "demo/*.css")
    foreign = re.compile(r"""(?:src|href)=["'](?:https?:)?//|@import\s+["']https?:|url\(["']?https?:""")
    allowed = re.compile(r"""(?:rel="(?:nofollow|noopener))""")
    found = []
    for page in pages:
        lines = page.read_text().splitlines()
        found += [
            f"{page.name}:{n}" for n, line in enumerate(lines, 1) if foreign.search(line) and not allowed.search(line)
        ]
    assert found == []


def test_make_help_names_every_target_a_person_calls() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("install", "run", "test", "lint", "bench", "export", "clean"):
        assert f"make {target} " in shown


def test_ci_calls_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    readme = (ROOT / "README.md").read_text()
    assert "make test" in script
    assert "make test" in readme


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for page in tracked("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy" / "systemd").glob("*.service")), ids=lambda unit: unit.name)
def test_a_unit_starts_what_the_project_has(unit: Path) -> None:
    commands = re.findall(r"^ExecStart(?:Pre)?=/opt/hanout/\.venv/bin/python (.+)$", unit.read_text(), flags=re.M)
    assert commands
    for command in commands:
        name = command.removeprefix("-m ").split()[0]
        assert (ROOT / name / "__main__.py").exists() or (ROOT / name).is_file(), command
