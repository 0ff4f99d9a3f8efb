"""flask --app webapp users create-admin | set-password | list | disable"""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.orm import Session

import database
from database.shop import ROLES, Account
from webapp import accounts

users = AppGroup("users", help="Accounts of those who work in the console.")


def _ask_password(from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether it was made here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), False
    if sys.stdin.isatty():
        typed = click.prompt("Password (empty: make one)", hide_input=True, default="", show_default=False)
        if typed:
            return str(typed), False
    return secrets.token_urlsafe(12), True


_password_stdin = click.option("--password-stdin", is_flag=True, help="Reads the password from standard input.")


@users.command("create-admin")
@click.argument("email", required=False)
@click.option("--name", default="", help="What the console calls the person; default: the e-mail's first part.")
@click.option("--role", type=click.Choice(ROLES), default="owner", help="Staff decide on proposals, not on budgets.")
@_password_stdin
def create_admin(email: str | None, name: str, role: str, password_stdin: bool) -> None:
    """Makes the account EMAIL; asks for what is missing, prints the password if it makes one."""
    email = str(email or click.prompt("E-mail"))
    password, made = _ask_password(password_stdin)
    with database.session() as work:
        try:
            account = accounts.create(work, email, name=name, password=password, role=role)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        work.commit()
    click.echo(f"{account.email} may sign in as {account.role}.")
    if made:
        click.echo(f"Password: {password}")


@users.command("set-password")
@click.argument("email")
@_password_stdin
def set_password(email: str, password_stdin: bool) -> None:
    """Gives EMAIL a new password, lets it in again if it was disabled, and ends its open sessions."""
    password, made = _ask_password(password_stdin)
    with database.session() as work:
        account = _known(work, email)
        try:
            account.password_hash = accounts.hashed(password)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        account.disabled_at = None
        work.commit()
    click.echo(f"{account.email} has a new password.")
    if made:
        click.echo(f"Password: {password}")


def _known(work: Session, email: str) -> Account:
    if account := accounts.by_email(work, email):
        return account
    raise click.ClickException(f"There is no account {email}.")


@users.command("list")
def list_accounts() -> None:
    """Prints every account: e-mail, role, state, last sign-in."""
    with database.session() as work:
        for account in work.scalars(sa.select(Account).order_by(Account.email)):
            state = "disabled" if account.disabled_at else "active"
            seen = f"{account.last_sign_in_at:%Y-%m-%d %H:%M} UTC" if account.last_sign_in_at else "never"
            click.echo(f"{account.email}\t{account.role}\t{state}\t{seen}")


@users.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Bars EMAIL at once: its open sessions end too."""
    with database.session() as work:
        account = _known(work, email)
        account.disabled_at = datetime.now(UTC)
        work.commit()
    click.echo(f"{account.email} may no longer sign in.")
