"""The dbt docs as one page that loads nothing: python -m analytics_sql.docs_site

Lineage, columns, tests, SQL and who reads what. With all columns as they stand in the database where the marts have
been built into DATA_DIR; where not, with those that the models name, and without starting a server.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
from pathlib import Path

from analytics_sql.manifest import target
from analytics_sql.project import FOLDER, DbtFailed
from config import settings

PAGE = FOLDER.parent / "docs" / "site" / "index.html"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:"
)
TRACKER = re.compile(r"(?:https?:)?//[a-z0-9]+\.cloudfront\.net/[^\"']*")
UNMADE_ICON = re.compile(r'<link rel="shortcut icon"[^>]*>')


def generated(*options: str) -> str:
    """dbt's own page of this project.

    Raises:
        DbtFailed: as dbt says.
    """
    from dbt.cli.main import dbtRunner

    project = ["--project-dir", str(FOLDER), "--profiles-dir", str(FOLDER), "--target-path", str(target())]
    dbt, said = dbtRunner(), io.StringIO()
    with contextlib.redirect_stdout(said):
        if "--no-compile" in options:  # then dbt leaves it to another command to write the manifest that the page holds
            dbt.invoke(["--no-use-colors", "parse", *project])
        result = dbt.invoke(["--no-use-colors", "docs", "generate", "--static", *project, *options])
    if not result.success:
        raise DbtFailed(str(result.exception or said.getvalue()).strip())
    return (target() / "static_index.html").read_text()


def alone(page: str) -> str:
    """The page without what dbt's own would load from outside, and with a policy by which the browser loads nothing."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    without_tracker = TRACKER.sub("data:,", page)
    return UNMADE_ICON.sub('<link rel="icon" href="data:,">', without_tracker).replace("<head>", f"<head>{policy}", 1)


def described() -> int:
    """How many relations the last catalog knows."""
    catalog = json.loads((target() / "catalog.json").read_text())
    return len(catalog["nodes"]) + len(catalog["sources"])


def build() -> tuple[str, str]:
    """The page, and a word on where its columns come from."""
    why = f"the marts are not built in {settings().data_dir}"
    if (settings().data_dir / "analytics.duckdb").exists():
        try:
            page = generated()
            return page, f"with the columns of {described()} tables as they stand in the database"
        except DbtFailed as failure:
            why = str(failure).splitlines()[-1].strip()
    return generated("--empty-catalog", "--no-compile"), f"without the types of columns: {why}"


def main(arguments: list[str] | None = None) -> None:
    """Writes the page and says where."""
    parser = argparse.ArgumentParser(prog="python -m analytics_sql.docs_site", description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=PAGE, help="the page's file (default: docs/site/index.html)")
    place = parser.parse_args(arguments).to
    page, word = build()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(alone(page))
    print(f"dbt docs: {place.resolve().as_uri()}\n          {word}")


if __name__ == "__main__":
    main()
