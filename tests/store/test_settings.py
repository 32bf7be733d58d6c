"""Settings: where values come from, and what is refused."""

from pathlib import Path

import pytest

from store.settings import PROJECT_ROOT, Settings, SettingsError, load_settings


def _toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "ppw.toml").write_text(text, encoding="utf-8")
    monkeypatch.setitem(Settings.model_config, "toml_file", tmp_path / "ppw.toml")


def test_everything_lives_below_home(settings: Settings) -> None:
    home = settings.home
    assert settings.warehouse_file == home / "warehouse" / "warehouse.duckdb"
    assert settings.candidates_dir == home / "releases" / "candidates"
    assert settings.landing_location == (home / "landing").as_uri()
    assert settings.state_location == f"sqlite:///{home}/state/state.db"
    assert settings.dbt_project_dir == PROJECT_ROOT / "dbt_project"


def test_environment_wins_over_the_file(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _toml(tmp_path, monkeypatch, 'duckdb_threads = 3\nhttp_allow_hosts = ["a.example"]\n')
    monkeypatch.setenv("PPW_DUCKDB_THREADS", "4")
    loaded = load_settings()
    assert (loaded.duckdb_threads, loaded.http_allow_hosts) == (4, ["a.example"])


def test_relative_home_is_taken_from_the_project_root(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PPW_HOME", "elsewhere/var")
    monkeypatch.chdir(tmp_path)
    assert load_settings().home == PROJECT_ROOT / "elsewhere" / "var"


def test_all_problems_are_reported_together(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _toml(tmp_path, monkeypatch, 'landing_ur = "x"\ntime_zone = "Asia/Cao_Bang"\n')
    monkeypatch.setenv("PPW_DUCKDB_THREADS", "0")
    monkeypatch.setenv("PPW_STATE_URLS", "sqlite:///x")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    for part in (
        "landing_ur'",
        "did you mean landing_url?",
        "Asia/Cao_Bang",
        "duckdb_threads",
        "PPW_STATE_URLS",
    ):
        assert part in message


def test_variables_of_other_tools_are_left_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAREHOUSE_FILE", "INPUTS_DIR", "REQUIRE_SYSTEM", "DUCKDB_TEMP_DIR", "DBT_THREADS"):
        monkeypatch.setenv(f"PPW_{name}", "1")
    assert load_settings().duckdb_threads == 2


@pytest.mark.parametrize(
    ("toml", "part"),
    [("home = [", "not valid TOML"), ('duckdb_memory_limit = "lots"', "duckdb_memory_limit")],
)
def test_unusable_file_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toml: str, part: str
) -> None:
    _toml(tmp_path, monkeypatch, toml)
    with pytest.raises(SettingsError, match=part):
        load_settings()


def test_list_variable_that_is_no_list_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPW_HTTP_ALLOW_HOSTS", "one.example,two.example")
    with pytest.raises(SettingsError, match="http_allow_hosts"):
        load_settings()
