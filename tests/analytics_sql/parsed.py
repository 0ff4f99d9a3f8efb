"""What dbt parses, once for a whole run of the tests: imported by the server that every dbt process is forked from."""

from __future__ import annotations

import tempfile

from dbt.cli.main import dbtRunner

import config

FOLDER = str(config.ROOT / "analytics_sql")

with tempfile.TemporaryDirectory() as made:
    places = ["--project-dir", FOLDER, "--profiles-dir", FOLDER, "--target-path", made, "--log-path", made]
    parsed = dbtRunner().invoke(["--quiet", "parse", *places])
if not parsed.success:
    raise RuntimeError(f"dbt cannot parse the project: {parsed.exception}")
manifest = parsed.result
