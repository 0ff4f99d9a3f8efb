"""python -m database upgrade | url [ROLE] | psql [ARGUMENT...] | duckdb [SQL...] | export [FOLDER] | diagram"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from config import SettingsError
from database import analyst, diagram, export, migrate, shells, url


def main(arguments: list[str]) -> int:
    match arguments:
        case ["upgrade"]:
            migrate.upgrade()
        case ["url"]:
            print(url())
        case ["url", role]:
            print(analyst.url(role))
        case ["psql", *rest]:
            return shells.psql(rest)
        case ["duckdb", *rest]:
            return shells.duckdb(rest)
        case ["export"]:
            export.run()
        case ["export", folder]:
            export.run(Path(folder))
        case ["diagram"]:
            diagram.PATH.write_text(diagram.document())
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (SettingsError, export.ExportError, duckdb.Error) as error:
        sys.exit(str(error))
