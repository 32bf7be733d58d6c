"""The one settings object: where the four stores live and the limits the warehouse works under.

Values come, first found wins, from arguments, from `PPW_*` environment variables, and from `ppw.toml` in the
project root. An unknown key in `ppw.toml` is refused, and so is a `PPW_*` variable that looks like a misspelt
setting. Relative paths are taken from the project root, never from the working directory.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PROJECT_ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT_PREFIX = "PPW_"

# High enough that variables meant for dbt or for the tests (PPW_INPUTS_DIR, ...) are left alone.
_MISSPELLING_CUTOFF = 0.88

# Settings whose values no message shows: the URLs of databases hold passwords.
_SECRETS = ("sql_urls", "oidc_client_secret", "oidc_cookie_secret")


class SettingsError(Exception):
    """A setting is unknown, misspelt or has a value that cannot be used."""


class Settings(BaseSettings):
    """Typed settings. Immutable once made; pass it down, never read the environment elsewhere.

    Sizes are bytes, times are seconds. `landing_url` and `state_url` are None unless set: read the effective
    ones from `landing_location` and `state_location`. `area_id` is the area whose plan is counted.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        toml_file=PROJECT_ROOT / "ppw.toml",
        validate_default=True,
    )

    home: Path = PROJECT_ROOT / "var"
    landing_url: str | None = None
    state_url: str | None = None
    specs_dir: Path = PROJECT_ROOT / "sources" / "specs"
    plans_dir: Path = PROJECT_ROOT / "sources" / "plans"
    recorded_dir: Path = PROJECT_ROOT / "sources" / "recorded"
    duckdb_memory_limit: str = Field(default="2GB", pattern=r"^\d+(\.\d+)?\s?([KMGT]i?B)$")
    duckdb_threads: int = Field(default=2, ge=1)
    http_allow_hosts: list[str] = ["pxweb.nso.gov.vn"]
    http_timeout_seconds: float = Field(default=30.0, gt=0)
    http_retries: int = Field(default=3, ge=0)
    http_size_cap_bytes: int = Field(default=50_000_000, gt=0)
    # Name -> SQLAlchemy URL of a database that SQL sources read; a secret, so that no message shows it.
    sql_urls: dict[str, SecretStr] = {}
    read_timeout_seconds: float = Field(default=120.0, gt=0)
    read_memory_bytes: int = Field(default=2_000_000_000, ge=200_000_000)
    http_unpacked_cap_bytes: int = Field(default=200_000_000, gt=0)
    http_cells_cap: int = Field(default=2_000_000, gt=0)
    # A host that did not answer so many times in a row is left alone for so long.
    http_circuit_failures: int = Field(default=3, ge=1)
    http_circuit_rest_seconds: float = Field(default=3600.0, gt=0)
    # A GeoJSON file with the polygons of the communes (properties code and name), for the map; the published centre
    # points are drawn else.
    communes_geojson: Path | None = None
    area_id: str = Field(default="VN-04", pattern=r"^VN(-[A-Z0-9]+)*$")
    time_zone: str = "Asia/Ho_Chi_Minh"
    # How many people sign a candidate before it is published: none, one or two; `headline_review_policy` asks for more
    # where a headline indicator changes.
    review_policy: Literal["automatic", "one", "two"] = "automatic"
    headline_review_policy: Literal["automatic", "one", "two"] | None = None
    # Who looks at the pages: an OpenID Connect provider says so (oidc), visitors of this machine say so themselves
    # (local), or nobody is anybody and only what is public is shown (public).
    identity: Literal["local", "public", "oidc"] = "local"
    serve_address: str = "127.0.0.1"
    oidc_metadata_url: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_redirect_uri: str | None = None
    oidc_scopes: str = "openid email profile"
    # Signs the cookie of who is signed in; made anew at each start when it is not given.
    oidc_cookie_secret: SecretStr | None = Field(default=None, min_length=32)
    # The claim that names a person in decisions, and the one whose values the role map translates into roles.
    oidc_person_claim: str = "email"
    oidc_role_claim: str = "groups"
    oidc_roles: dict[str, list[str]] = {}
    oidc_session_hours: float = Field(default=8.0, gt=0, le=720)
    # Working days from the day a finding is raised to the day its decision is due, by severity.
    due_working_days: dict[Literal["error", "warning", "information"], int] = {
        "error": 3,
        "warning": 10,
        "information": 20,
    }

    # What stands over and under the printed report; what nobody has set is left as dots, to be written by hand.
    report_parent_organ: str | None = None
    report_organ: str | None = None
    report_symbol: str | None = None
    report_place: str | None = None
    report_recipients: list[str] = []
    # Which files of the report a candidate carries: all, those of the whole plan without its parts, or none.
    report_files: Literal["all", "whole", "none"] = "all"
    # Whether a candidate carries the open data and the static edition.
    open_files: bool = True

    @field_validator("home", "specs_dir", "plans_dir", "recorded_dir", "communes_geojson")
    @classmethod
    def _from_the_project_root(cls, path: Path | None) -> Path | None:
        return None if path is None else (PROJECT_ROOT / path.expanduser()).resolve()

    @field_validator("due_working_days")
    @classmethod
    def _for_every_severity(cls, days: dict[str, int]) -> dict[str, int]:
        missing = {"error", "warning", "information"} - days.keys()
        if missing or min(days.values()) < 0:
            raise ValueError("say a number of working days from 0 for each of error, warning, information")
        return days

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(
                f"no time zone is called {name!r}; use an IANA name such as Asia/Ho_Chi_Minh"
            ) from error
        return name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, `ppw.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def project_root(self) -> Path:
        return PROJECT_ROOT

    @property
    def landing_location(self) -> str:
        """The fsspec URL of the landing store."""
        return self.landing_url or (self.home / "landing").as_uri()

    @property
    def state_location(self) -> str:
        """The SQLAlchemy URL of the state database."""
        return self.state_url or f"sqlite:///{self.home / 'state' / 'state.db'}"

    @property
    def dbt_project_dir(self) -> Path:
        return PROJECT_ROOT / "dbt_project"

    @property
    def warehouse_dir(self) -> Path:
        return self.home / "warehouse"

    @property
    def warehouse_file(self) -> Path:
        return self.warehouse_dir / "warehouse.duckdb"

    @property
    def cells_dir(self) -> Path:
        return self.warehouse_dir / "cells"

    @property
    def inputs_dir(self) -> Path:
        return self.warehouse_dir / "inputs"

    @property
    def checks_dir(self) -> Path:
        return self.warehouse_dir / "checks"

    @property
    def releases_dir(self) -> Path:
        return self.home / "releases"

    @property
    def candidates_dir(self) -> Path:
        return self.releases_dir / "candidates"

    @property
    def inbox_dir(self) -> Path:
        """Where filled workbooks are dropped."""
        return self.home / "inbox"

    @property
    def outbox_dir(self) -> Path:
        """Where receipts and returned workbooks are put."""
        return self.home / "outbox"

    @property
    def secrets_file(self) -> Path:
        """The private file that hands the page server what it signs people in with; written at each start."""
        return self.home / "private" / "secrets.toml"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"


def load_settings() -> Settings:
    """Read the settings from the environment and `ppw.toml`.

    Raises SettingsError naming every wrong key, where it stands, and what to write instead.
    """
    problems = _misspelt_variables(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        for item in error.errors():
            name = ".".join(str(part) for part in item["loc"])
            if item["type"] == "extra_forbidden":
                problems.append(f"unknown setting {name!r} in ppw.toml{_suggestion(name)}")
            else:
                given = "" if name.startswith(_SECRETS) else f" = {item['input']!r}"
                problems.append(f"setting {name!r}{given}: {item['msg']}")
        raise SettingsError(_report(problems)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_report([*problems, f"ppw.toml is not valid TOML: {error}"])) from error
    except ValueError as error:  # pydantic-settings: a list or number variable that cannot be decoded
        raise SettingsError(_report([*problems, str(error)])) from error
    if problems:
        raise SettingsError(_report(problems))
    return settings


def _misspelt_variables(names: Iterable[str]) -> list[str]:
    known = set(Settings.model_fields)
    problems = []
    for variable in sorted(names):
        if not variable.upper().startswith(ENVIRONMENT_PREFIX):
            continue
        name = variable[len(ENVIRONMENT_PREFIX) :].lower()
        if name not in known and (suggestion := _suggestion(name, prefix=ENVIRONMENT_PREFIX)):
            problems.append(f"environment variable {variable} is not a setting{suggestion}")
    return problems


def _suggestion(name: str, prefix: str = "") -> str:
    near = difflib.get_close_matches(name, Settings.model_fields, n=1, cutoff=_MISSPELLING_CUTOFF)
    if not near:
        return ""
    return f"; did you mean {(prefix + near[0]).upper() if prefix else near[0]}?"


def _report(problems: list[str]) -> str:
    return "Settings cannot be used (PPW_* variables, ppw.toml in the project root):\n" + "\n".join(
        f"  - {problem}" for problem in problems
    )
