"""Tables, sessions, migrations and the embedded PostgreSQL server."""

from database.connection import create_engine, engine, libpq_dsn, session, url

__all__ = ["create_engine", "engine", "libpq_dsn", "session", "url"]
