"""dbt in a process that lives on, as the scheduler runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy.orm import Session

import config
from tests.analytics_sql.market_rows import small_market

SCRIPT = """
import json, os, threading, time
from pathlib import Path
import duckdb
from analytics_sql import project

kept = project.Project(Path(os.environ["DATA_DIR"]))
said = {}
kept.run(*project.MODELS_AND_TESTS)
manifest = kept._manifest
taken = kept.run(*project.MODELS)
said["parsed_once"] = kept._manifest is manifest
said["nodes"], said["own"], said["seconds"] = len(taken.nodes), taken.own, taken.seconds

with duckdb.connect(os.environ["DATA_DIR"] + "/analytics.duckdb") as file:  # nobody holds it
    said["rows"] = file.execute("select count(*) from staging.stg_listings").fetchone()[0]
    twice = "select * replace (null as observed_at) from staging.stg_observations limit 1"
    file.execute("insert into staging.stg_observations " + twice)
try:
    kept.run("test", "--select", "stg_observations")
except project.DbtFailed as failure:
    said["failed"] = str(failure)

stopping = threading.Event()
threading.Timer(0.5, stopping.set).start()
begun = time.monotonic()
try:
    kept.run(*project.MODELS, "--full-refresh", stopping=stopping)
except project.DbtFailed as failure:
    said["stopped"] = str(failure)

(model,) = project.FOLDER.glob("models/**/stg_crawls.sql")
os.utime(model)
kept.run("run", "--select", "stg_crawls")
said["parsed_again"] = kept._manifest is not manifest
print(json.dumps(said))
"""


@pytest.mark.usefixtures("dbt_environment")
def test_it_parses_once_lets_the_file_go_names_what_fails_and_can_be_stopped(work: Session) -> None:
    small_market(work)
    work.commit()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        cwd=config.ROOT,
        env={**os.environ, "PYTHONPATH": str(config.ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["parsed_once"]
    assert said["parsed_again"]
    assert said["nodes"] > 40
    assert 0 < said["own"] < said["seconds"]
    assert said["rows"] == 5
    assert "not_null_stg_observations_observed_at: Got 1 result" in said["failed"]
    assert "unique_stg_observations_observation_id" in said["failed"]
    assert "INTERRUPT" in said["stopped"]
