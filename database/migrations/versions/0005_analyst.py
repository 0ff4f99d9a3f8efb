"""The role analyst: no temporary tables, no large objects, and limits, so that a forgotten query holds up nobody.

A mart is replaced within a minute or not at all; a reader's transaction that lasts shorter never prevents it.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout", "temp_file_limit")
LARGE_OBJECT_WRITERS = """
    lo_creat(integer), lo_create(oid), lo_open(oid, integer), lo_put(oid, bigint, bytea), lo_from_bytea(oid, bytea),
    lo_truncate(integer, integer), lo_truncate64(integer, bigint), lo_unlink(oid), lowrite(integer, bytea)
"""

# Whoever owns neither the database nor the server's functions is warned and goes on.
PROTECT = f"""
do $$ begin
    execute format('grant temporary on database %I to current_user', current_database());
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant connect on database %I to analyst', current_database());
end $$;
revoke create on schema public from public;
revoke execute on function {LARGE_OBJECT_WRITERS} from public;
alter role analyst connection limit 40;
alter role analyst set statement_timeout = '50s';
alter role analyst set idle_in_transaction_session_timeout = '50s';
do $$ begin
    if current_setting('server_version_num')::int >= 170000 then
        alter role analyst set transaction_timeout = '55s';
    end if;
end $$;
do $$ begin
    alter role analyst set temp_file_limit = '4GB';
exception when insufficient_privilege then null;
end $$;
"""


def upgrade() -> None:
    op.execute(PROTECT)


def downgrade() -> None:
    for limit in LIMITS:
        op.execute(f"do $$ begin alter role analyst reset {limit}; exception when others then null; end $$")
    op.execute("alter role analyst connection limit -1")
    op.execute(f"grant execute on function {LARGE_OBJECT_WRITERS} to public")
    op.execute(
        "do $$ begin "
        "execute format('revoke connect on database %I from analyst', current_database()); "
        "execute format('grant temporary on database %I to public', current_database()); "
        "end $$"
    )
