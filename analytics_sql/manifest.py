"""What dbt knows of this project once it has parsed it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics_sql.project import FOLDER, DbtFailed


def target(project: Path = FOLDER) -> Path:
    """Where dbt leaves what it makes of a project. Absolute: dbt works in the project's folder."""
    return Path(os.environ.get("DBT_TARGET_PATH") or project / "target").resolve()


def parsed(project: Path = FOLDER) -> dict[str, Any]:
    """The manifest of a dbt project, parsed anew. Needs no database.

    Raises:
        DbtFailed: dbt does not understand it, and has said why on stderr.
    """
    from dbt.cli.main import dbtRunner

    place = target(project)
    options = ["--project-dir", str(project.resolve()), "--profiles-dir", str(project.resolve())]
    result = dbtRunner().invoke(["--quiet", "parse", *options, "--target-path", str(place)])
    if not result.success:
        raise DbtFailed(str(result.exception))
    manifest: dict[str, Any] = json.loads((place / "manifest.json").read_text())
    return manifest


def tests_of(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The generic data tests that are attached to a node, or to a version of a model."""
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test" and n.get("test_metadata")]
    return [test for test in tests if test["attached_node"] == node["unique_id"]]


def unique_keys(manifest: Mapping[str, Any], node: Mapping[str, Any]) -> list[list[str]]:
    """Columns that tests hold to be unique, or unique together, over all rows of a node."""
    keys = []
    for test in tests_of(manifest, node):
        if test["config"].get("where") is None:
            if test["test_metadata"]["name"] == "unique":
                keys.append([test["column_name"]])
            elif test["test_metadata"]["name"] == "unique_together":
                keys.append(list(test["test_metadata"]["kwargs"]["columns"]))
    return sorted(keys)
