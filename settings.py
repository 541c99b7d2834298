"""Every environment variable that Baton reads, with its type, unit and default. `.env` is read; the environment wins."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

SLACK_API_URL = "https://slack.com/api/"
SLACK_ORIGINS = frozenset({"https://hooks.slack.com", "https://files.slack.com"})


class SettingsError(Exception):
    """A required variable is missing or one is malformed. The text names it and says what to do."""


class _LiteralDotEnv(DotEnvSettingsSource):
    """`.env` as it is written: dotenv's `${X}` would change a secret that contains it."""

    def _read_env_files(self) -> Mapping[str, str | None]:
        path = Path(str(self.env_file))
        return dotenv_values(path, interpolate=False) if path.is_file() else {}


def _blank_is_absent(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Optional = Annotated[str | None, BeforeValidator(_blank_is_absent)]


class Settings(BaseSettings):
    """The program's configuration. Secrets have no place in its repr."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", case_sensitive=True, hide_input_in_errors=True)

    SLACK_BOT_TOKEN: str = Field(pattern=r"^xoxb-\S+$", repr=False)
    SLACK_APP_TOKEN: Optional = Field(None, pattern=r"^xapp-\S+$", repr=False)
    SLACK_SIGNING_SECRET: Optional = Field(None, repr=False)
    SLACK_API_URL: str = SLACK_API_URL
    DATABASE_URL: str = Field("sqlite:///data/baton.db", repr=False)
    HOST: str = "127.0.0.1"
    PORT: int = Field(3000, ge=0, le=65535)
    COMMAND: str = Field("/lead", pattern=r"^/[^\s/]{1,31}$")
    SALES_CHANNEL: Optional = Field(None, pattern=r"^[CG][A-Z0-9]{2,}$")
    MARKETING_CHANNEL: Optional = Field(None, pattern=r"^[CG][A-Z0-9]{2,}$")
    DEFAULT_LOCALE: str = Field("ja", pattern=r"^(ja|en)$")
    DEFAULT_TIMEZONE: str = "Asia/Tokyo"
    HOOK_SECRET: Optional = Field(None, repr=False)
    METRICS_PUBLIC: bool = False
    LOG_LEVEL: str = Field("INFO", pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  Replaced by the literal reader.
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  Not offered.
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _LiteralDotEnv(settings_cls)

    @field_validator("SLACK_API_URL")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("not a URL")
        return value.rstrip("/") + "/"

    @field_validator("DATABASE_URL")
    @classmethod
    def _is_a_database(cls, value: str) -> str:
        if not re.match(r"(sqlite|postgres(ql)?(\+psycopg)?)://", value):
            raise ValueError("not a database URL")
        return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", value)

    @field_validator("DEFAULT_TIMEZONE")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone") from error
        return value

    @model_validator(mode="after")
    def _can_hear_slack(self) -> "Settings":
        if not (self.SLACK_APP_TOKEN or self.SLACK_SIGNING_SECRET):
            raise ValueError("SLACK_APP_TOKEN or SLACK_SIGNING_SECRET")
        return self

    @property
    def is_socket_mode(self) -> bool:
        """Tell whether Slack is heard over a WebSocket; else it posts signed requests."""
        return self.SLACK_APP_TOKEN is not None

    @cached_property
    def fetchable_origins(self) -> frozenset[str]:
        """The only origins from which files and response_urls are fetched."""
        if self.SLACK_API_URL == SLACK_API_URL:
            return SLACK_ORIGINS
        parts = urlsplit(self.SLACK_API_URL)
        return frozenset({f"{parts.scheme}://{parts.netloc}"})


_ADVICE = {
    "SLACK_BOT_TOKEN": "set it to the bot token of your Slack app (xoxb-…, page OAuth & Permissions)",
    "SLACK_APP_TOKEN": "set it to the app-level token of your Slack app (xapp-…, page Basic Information)",
    "SLACK_API_URL": "set it to an http(s) URL, or leave it out",
    "DATABASE_URL": "set it to sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME",
    "PORT": "set it to a number from 0 to 65535",
    "COMMAND": "set it to the slash command of your Slack app, such as /lead",
    "SALES_CHANNEL": "set it to a channel id such as C0123ABCD, or leave it out",
    "MARKETING_CHANNEL": "set it to a channel id such as C0123ABCD, or leave it out",
    "DEFAULT_LOCALE": "set it to ja or en",
    "DEFAULT_TIMEZONE": "set it to a name such as Asia/Tokyo",
    "METRICS_PUBLIC": "set it to true or false",
    "LOG_LEVEL": "set it to DEBUG, INFO, WARNING or ERROR",
}


def read_settings(**overrides: object) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: a required variable is missing or one is malformed; the text is one line and holds no secret.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # The rest comes from the environment.
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if not name:
            raise SettingsError(
                "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is missing: "
                "set the first for Socket Mode or the second for HTTP mode (see .env.example)"
            ) from None
        fault = "is missing" if first["type"] == "missing" else "is malformed"
        raise SettingsError(f"{name} {fault}: {_ADVICE.get(name, 'see .env.example')}") from None
