"""docs/CHANGE_A_MART.md, walked through in a copy of the project, on a real database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import config
from analytics_sql import contracts
from tests.analytics_sql.market_rows import small_market

GUIDE = (config.ROOT / "docs" / "CHANGE_A_MART.md").read_text()
COMMANDS = set(re.findall(r"^ *(?:\$ )?((?:python -m analytics_sql|dbt build)\b[^\n]*)$", GUIDE, flags=re.M))
(VERSIONS,) = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.S)
EARLY, BEFORE, AFTER = "2027-01-01", "2027-06-30", "2027-07-01"


class Repository:
    """A folder with a copy of the dbt project, in which the guide's commands are run on some day."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.marts = folder, folder / "analytics_sql" / "models" / "marts"
        ignored = shutil.ignore_patterns("target", "logs", "__pycache__", "*.pyc")
        shutil.copytree(config.ROOT / "analytics_sql", folder / "analytics_sql", ignore=ignored)

    def run(self, command: str, *options: str) -> tuple[int, str]:
        """A command of the guide in a process of its own."""
        assert command in COMMANDS, f"the guide has no {command!r}"
        program, *rest = [*command.split(), *options]
        if program == "dbt":
            rest += ["--profiles-dir", "analytics_sql"]
        done = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *rest],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(config.ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    def again(self, command: str, today: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
        """A command of the guide on some day, on what dbt has parsed last."""
        assert command in COMMANDS, f"the guide has no {command!r}"
        project = self.folder / "analytics_sql"
        options = ["--project-dir", str(project), "--manifest", str(project / "target" / "manifest.json")]
        code = contracts.main([*command.split()[3:], *options, "--today", today])
        said = capsys.readouterr()
        return code, said.out + said.err

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.marts / file
        text = path.read_text()
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new))

    def published(self) -> dict[str, contracts.Promise]:
        return contracts.promised(self.folder / "analytics_sql" / "published")


BUILD = "dbt build --project-dir analytics_sql --select +brand_performance"
TABLES_ONLY = ("--resource-type", "seed", "--resource-type", "model")
CHECK, WRITE = "python -m analytics_sql.contracts check", "python -m analytics_sql.contracts write"


def test_a_column_is_renamed_as_the_guide_says(
    work: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dbt_environment: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert {BUILD, CHECK, WRITE} == COMMANDS
    monkeypatch.delenv("DBT_TARGET_PATH")
    small_market(work)
    work.commit()
    repository = Repository(tmp_path / "repository")
    first, second = "brand_performance.sql", "brand_performance_v2.sql"

    # Renamed in place: refused, in the words of the guide.
    repository.replace("brand_performance.yml", "- name: price_level", "- name: price_index")
    code, said = repository.run(CHECK)
    assert (code, said.strip() in GUIDE) == (1, True), said
    repository.replace("brand_performance.yml", "- name: price_index", "- name: price_level")

    # Beside it: both are recorded, the first with its end.
    shutil.copy(repository.marts / first, repository.marts / second)
    repository.replace(second, "        price_level,\n", "        price_level as price_index,\n")
    block = textwrap.indent(textwrap.dedent(VERSIONS), "    ")
    repository.replace("brand_performance.yml", "\nunit_tests:", f"{block}\nunit_tests:")
    both = "ref('brand_performance', v=1)\n      - ref('brand_performance', v=2)"
    repository.replace("../exposures.yml", "ref('brand_performance')", both)
    code, said = repository.run(BUILD, *TABLES_ONLY)
    assert code == 0, said
    assert repository.again(WRITE, EARLY, capsys)[0] == 0
    standing = work.scalars(sa.text("select tablename from pg_tables where schemaname = 'marts'")).all()
    assert {"brand_performance", "brand_performance_v2"} <= set(standing)
    published = repository.published()
    assert published["brand_performance"].deprecation_date == date(2027, 6, 30)
    assert "price_level" in published["brand_performance"].columns
    assert published["brand_performance_v2"].columns["price_index"] == "numeric(8,4)"
    assert "price_level" not in published["brand_performance_v2"].columns

    # Gone too early, and after its date.
    (repository.marts / first).unlink()
    text = (repository.marts / "brand_performance.yml").read_text()
    without_first = re.sub(r"      - v: 1\n.*?(?=      - v: 2)", "", text, flags=re.S)
    without_first = without_first.replace("latest_version: 1", "latest_version: 2")
    (repository.marts / "brand_performance.yml").write_text(without_first)
    repository.replace("../exposures.yml", both, "ref('brand_performance', v=2)")
    assert repository.run(CHECK)[0] == 1
    for command in (CHECK, WRITE):
        code, said = repository.again(command, BEFORE, capsys)
        assert (code, "marts.brand_performance is gone" in said) == (1, True), said
    assert repository.again(WRITE, AFTER, capsys)[0] == 0
    assert set(repository.published()) & {"brand_performance", "brand_performance_v2"} == {"brand_performance_v2"}
    assert repository.again(CHECK, AFTER, capsys) == (0, "")
