"""Every setting of Hanout: typed, with its unit and default, read from the environment or from `.env`.

A wrong value stops the start: `settings()` raises `SettingsError`, whose text names the variable and what it takes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent

Markets = Literal["live", "demo", "replay"]
AgentMode = Literal["dry-run", "approve", "auto"]
Language = Literal["fr", "ar", "en"]


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the text names the variable."""


class Settings(BaseSettings):
    """The settings, one field an environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    data_dir: Path = Field(ROOT / ".data", description="Folder of everything the app keeps on disk.")
    database_url: str | None = Field(
        None, description="PostgreSQL 15+ (postgresql://user:password@host/name). Empty: the embedded server."
    )
    analytics_memory: str = Field(
        "2GB",
        pattern=r"^[1-9]\d*(MB|GB)$",
        description="Memory that DuckDB may take while dbt runs; more goes to disk.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    markets: Markets = Field("demo", description="Which markets the spiders talk to: live, demo or replay.")
    demo_jumia_port: int = Field(8010, ge=0, le=65535, description="Port of the demo market's Jumia shop.")
    demo_ouedkniss_port: int = Field(8011, ge=0, le=65535, description="Port of the demo market's Ouedkniss API.")
    demo_seed: int = Field(7, ge=0, description="Seed of the demo world: the same seed, the same market.")
    demo_days: int = Field(14, ge=2, le=400, description="Days of demo market that `make run` lives through, in days.")
    replay_port: int = Field(8012, ge=0, le=65535, description="Port of the server that replays saved pages.")
    replay_dir: Path = Field(ROOT.parent / "shared" / "real", description="Folder of the saved pages and data.")

    crawler_contact: str | None = Field(
        None, description="Address or URL that names the crawler's owner; needed before any live market is asked."
    )
    crawl_requests_per_minute: int = Field(
        150, ge=1, le=199, description="Most requests a minute to one live shop; Jumia asks for under 200."
    )
    crawl_max_pages: int = Field(50, ge=1, le=2000, description="Most listing pages a crawl asks for, in pages.")
    browser: bool = Field(False, description="Whether a shop that wants proof of a person is tried in a real browser.")
    browser_path: Path = Field(Path("/usr/bin/chromium"), description="The Chromium or Chrome of BROWSER.")
    browser_seconds: float = Field(
        20.0, gt=0, le=300, description="Longest that the browser is left alone with a challenge, in seconds."
    )
    store_batch_size: int = Field(2000, ge=1, le=50_000, description="Offers stored in one transaction, in offers.")
    store_batch_seconds: float = Field(
        5.0, gt=0, le=600, description="Longest that an offer waits for its batch to fill, in seconds."
    )
    spool_max_mb: int = Field(512, ge=1, description="Most disk that unsent batches may take, in megabytes.")
    jumia_country: Literal["dz", "ma", "eg", "ci", "sn", "ke", "ng", "gh", "ug", ""] = Field(
        "dz", description="Jumia shop that the scheduled crawl visits, an ISO country; empty: none. dz: demo only."
    )
    jumia_categories: str = Field("", description="Jumia categories to crawl, comma separated; empty: the whole shop.")
    ouedkniss_categories: str = Field(
        "telephones,informatique,electronique_electromenager",
        description="Ouedkniss category slugs to crawl, comma separated.",
    )

    tracked_allow_private: bool = Field(
        False, description="Whether tracked shops may be on this machine or its networks, and on any port."
    )

    crawl_cron: str = Field("0 */6 * * *", description="When markets are crawled, five cron fields, local time.")
    marts_cron: str = Field("30 */6 * * *", description="When the marts are built, five cron fields, local time.")
    agent_cron: str = Field("45 */6 * * *", description="When the agent decides, five cron fields, local time.")
    purchases_cron: str = Field(
        "*/5 * * * *", description="When purchases that have waited are sent and asked about, five cron fields."
    )
    channels_cron: str = Field(
        "*/15 * * * *", description="When channels are told of our books and asked for orders, five cron fields."
    )

    agent_mode: AgentMode = Field("dry-run", description="What the agent may do alone: dry-run, approve or auto.")
    agent_supplier: Literal["manual", "demo", "jumia_browser"] = Field(
        "manual", description="Who carries out a purchase at Jumia: manual, demo or jumia_browser."
    )
    agent_wait_minutes: int = Field(
        10, ge=0, le=10_080, description="How long an order of the agent's own waits for an objection, in minutes."
    )
    agent_budget_per_day: Decimal = Field(Decimal(40_000), ge=0, description="Most money reserved a day, in DZD.")
    agent_budget_total: Decimal = Field(Decimal(200_000), ge=0, description="Most money tied up in all, in DZD.")
    agent_cap_per_product: Decimal = Field(Decimal(15_000), ge=0, description="Most money on one product, in DZD.")
    agent_margin_floor: Decimal = Field(
        Decimal("0.12"), ge=0, lt=1, description="Least expected margin, a fraction of the sale price."
    )

    jumia_site: str | None = Field(
        None, pattern=r"^https?://[^/]+$", description="The Jumia shop that jumia_browser buys at. Empty: the demo's."
    )
    jumia_email: str | None = Field(None, description="Account that jumia_browser signs in with. Empty: the demo's.")
    jumia_password: SecretStr | None = Field(None, description="Password of that account; never logged.")
    delivery_name: str = Field("", description="Who receives what jumia_browser buys. Empty: the shop's name.")
    delivery_phone: str = Field("", description="Telephone number for the carrier. Empty: the shop's.")
    delivery_wilaya: int = Field(16, ge=1, le=69, description="Wilaya where goods are received, official code.")
    delivery_commune: str = Field("Alger Centre", min_length=1, description="Commune where goods are received.")
    delivery_street: str = Field("", description="Street and number; jumia_browser needs it outside the demo.")

    shop_name: str = Field("Hanout", min_length=1, description="The shop's name, as shoppers read it.")
    shop_phone: str = Field("0550 12 34 56", description="The shop's own telephone number, for orders.")
    shop_country: str = Field(
        "dz", pattern="^[a-z]{2}$", description="Country whose law the shop keeps, ISO 3166-1 alpha-2, lower case."
    )
    shop_lowest_price: Literal["law", "always", "never"] = Field(
        "law",
        description="When a reduced price shows the lowest of the 30 days before: where the law asks, always, never.",
    )
    shop_language: Language = Field("fr", description="Language where the visitor has chosen none.")
    shop_market_pictures: bool = Field(
        False, description="Whether pictures of the marketplaces may be shown; leave off without a permission."
    )
    shop_pictures: Literal["none", "source", "own"] = Field(
        "none",
        description="Pictures of our own listings: none (drawn), source (the market's, with permission), own (files).",
    )
    shop_url: str = Field(
        "http://127.0.0.1:8000",
        pattern=r"^https?://[^\s/]+$",
        description="Address of the shop as shoppers and product feeds reach it, without a slash at its end.",
    )

    vendor_center_url: str = Field(
        "https://vendor-api.jumia.com", pattern=r"^https?://[^\s/]+$", description="Jumia's Vendor Center API."
    )
    vendor_center_client_id: str | None = Field(
        None, description="Client id of our application in the Vendor Center. Empty: we do not sell there."
    )
    vendor_center_shop_id: str = Field("", description="Id of our shop in the Vendor Center; empty: the only one.")
    vendor_center_category: int | None = Field(
        None, ge=1, description="Code of the Vendor Center category of new products; empty: found by its name."
    )
    vendor_center_commission: Decimal | None = Field(
        None, ge=0, lt=1, description="Fraction of a price that Jumia keeps of what it sells for us. Empty: not known."
    )
    channel_safety_units: int = Field(
        1, ge=0, le=1000, description="Units kept back from channels that sell by themselves, in units a product."
    )

    web_host: str = Field("127.0.0.1", description="Address the web server listens on.")
    web_port: int = Field(8000, ge=0, le=65535, description="Port the web server listens on.")
    web_https: bool = Field(False, description="Whether visitors come over HTTPS: cookies are then marked secure.")
    secret_key: str | None = Field(
        None, min_length=32, description="Signs sessions, 32+ characters. Empty: made once and kept in DATA_DIR."
    )

    @field_validator(
        "database_url",
        "crawler_contact",
        "secret_key",
        "jumia_site",
        "jumia_email",
        "jumia_password",
        "vendor_center_client_id",
        "vendor_center_category",
        "vendor_center_commission",
        mode="before",
    )
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: str | None) -> str | None:
        if value and not value.startswith(("postgresql://", "postgresql+psycopg2://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value.replace("postgres://", "postgresql://", 1) if value and value.startswith("postgres://") else value

    @field_validator("crawl_cron", "marts_cron", "agent_cron", "purchases_cron", "channels_cron")
    @classmethod
    def _is_cron(cls, value: str) -> str:
        from apscheduler.triggers.cron import CronTrigger

        CronTrigger.from_crontab(value)
        return value

    @field_validator("data_dir", "replay_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else (ROOT / value).resolve()

    def signing_key(self) -> str:
        """The key that signs sessions: SECRET_KEY, else one made on first use and kept in DATA_DIR."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret_key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            unfinished.touch(mode=0o600)
            unfinished.write_text(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                os.link(unfinished, path)  # whole or not at all, and only the first of several processes
            unfinished.unlink()
        return path.read_text()


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        SettingsError: a value is of the wrong type or out of range; names each variable concerned.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = str(problem["loc"][0])
            field = Settings.model_fields[name]
            lines.append(f"{name.upper()}={problem['input']!r}: {problem['msg']}. {field.description}")
        raise SettingsError("Wrong settings:\n  " + "\n  ".join(lines)) from None


def example() -> str:
    """`.env.example`: every setting with its meaning and default, commented out."""
    lines = [
        "# Settings of Hanout. Copy to .env and change what you need; what is absent keeps the default shown here.",
        "# Made from config.py by `make docs`; a test fails where the two differ.",
    ]
    for name, field in Settings.model_fields.items():
        lines += ["", f"# {field.description}", f"#{name.upper()}={_as_text(field.default)}"]
    return "\n".join(lines) + "\n"


def _as_text(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, Path):
        ours = default.is_relative_to(ROOT) or default.is_relative_to(ROOT.parent / "shared")
        return os.path.relpath(default, ROOT) if ours else str(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


if __name__ == "__main__":
    print(example(), end="")
