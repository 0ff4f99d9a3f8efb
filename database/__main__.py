"""python -m database upgrade | url | psql [ARGUMENT...] | diagram"""

from __future__ import annotations

import shutil
import subprocess
import sys

from config import SettingsError
from database import diagram, libpq_dsn, migrate, server, url


def main(arguments: list[str]) -> int:
    match arguments:
        case ["upgrade"]:
            migrate.upgrade()
        case ["url"]:
            print(url())
        case ["psql", *rest]:
            program = shutil.which("psql") or str(server.binary("psql"))
            return subprocess.call([program, libpq_dsn(), *rest])
        case ["diagram"]:
            diagram.PATH.write_text(diagram.document())
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SettingsError as error:
        sys.exit(str(error))
