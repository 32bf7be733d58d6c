"""Who is who: claims of a provider, stated names, and where nobody is anybody."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from click.testing import CliRunner
from pydantic import SecretStr

from expectations.gate.people import ROLES
from orchestration.cli import main
from orchestration.sign_in import prepare_sign_in
from reports import identity
from reports.identity import NOBODY, clean_name, current_person, mode, person_of_claims, signed_in_claims
from reports.provider import mapped_roles, require_identity, require_provider
from store import review, state
from store.settings import Settings, SettingsError, load_settings

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
COMPLETE: dict[str, Any] = {
    "identity": "oidc",
    "oidc_metadata_url": "https://synthetic.invalid/.well-known/openid-configuration",
    "oidc_client_id": "pages",
    "oidc_client_secret": SecretStr('a "secret" \\ of ours'),
    "oidc_redirect_uri": "https://pages.synthetic.invalid/oauth2callback",
    "oidc_roles": {"reviewers": ["reviewer"], "chiefs": ["approver", "leader"]},
}
CLAIMS: dict[str, Any] = {
    "is_logged_in": True, "iat": NOW.timestamp(), "email": "an@synthetic.invalid", "email_verified": True,
    "name": "An (giả lập)", "groups": ["reviewers", "others"],
}  # fmt: skip


def settings(home: Path, **changes: Any) -> Settings:
    return Settings(home=home, **{**COMPLETE, **changes})


def visitor(
    monkeypatch: pytest.MonkeyPatch,
    claims: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    address: str = "127.0.0.1",
    said: str | None = None,
) -> None:
    """The visitor as Streamlit describes him."""
    monkeypatch.setattr(st, "user", SimpleNamespace(to_dict=lambda: dict(claims or {"is_logged_in": False})))
    monkeypatch.setattr(
        st, "context", SimpleNamespace(headers=dict(headers or {}), cookies=dict(cookies or {}))
    )
    monkeypatch.setattr(st, "session_state", {} if said is None else {identity.STATED_NAME: said})
    monkeypatch.setattr(st, "get_option", {"server.address": address}.__getitem__)


def test_the_role_map_gives_roles_for_the_values_of_the_claim(tmp_path: Path) -> None:
    person = person_of_claims(settings(tmp_path), CLAIMS, DAY)
    assert (person.identifier, person.name, person.verified) == ("an@synthetic.invalid", "An (giả lập)", True)
    assert set(person.roles) == {"public", "reviewer"}
    by_address = settings(
        tmp_path, oidc_role_claim="email", oidc_roles={"an@synthetic.invalid": ["engineer"]}
    )
    assert mapped_roles(by_address, CLAIMS) == ("public", "engineer")
    nested = settings(tmp_path, oidc_role_claim="realm_access.roles")
    assert mapped_roles(nested, {"realm_access": {"roles": ["chiefs"]}}) == ("public", "leader", "approver")
    named = settings(tmp_path, oidc_role_claim="https://synthetic.invalid/roles")
    assert mapped_roles(named, {"https://synthetic.invalid/roles": "chiefs"}) == (
        "public",
        "leader",
        "approver",
    )


@pytest.mark.parametrize("claim", [None, [], {}, 3, "reviewers,chiefs", ["Reviewers"], [["reviewers"]]])
def test_a_claim_that_is_not_in_the_map_gives_nothing(tmp_path: Path, claim: object) -> None:
    assert mapped_roles(settings(tmp_path), {"groups": claim}) == ("public",)


@pytest.mark.parametrize(
    "change",
    [{"email": None}, {"email": ""}, {"email": 7}, {"email_verified": False}, {"email_verified": None},
     {"email_verified": "true"}],
)  # fmt: skip
def test_a_person_without_a_verified_name_is_nobody(tmp_path: Path, change: dict[str, object]) -> None:
    assert person_of_claims(settings(tmp_path), {**CLAIMS, **change}, DAY) == NOBODY


def test_roles_given_here_come_on_top_of_the_providers(tmp_path: Path) -> None:
    made = settings(tmp_path)
    state.migrate(made)
    with state.writing(made) as connection:
        review.record_role_grant(
            connection,
            review.RoleGrant(
                action="grant", person="an@synthetic.invalid", role="engineer", scope="*",
                valid_from=date(2026, 1, 1), valid_to=None, at=NOW, actor="synthetic",
            ),
        )  # fmt: skip
    assert set(person_of_claims(made, CLAIMS, DAY).roles) == {"public", "reviewer", "engineer"}


@pytest.mark.parametrize(
    ("hours", "holds"),
    [(0.0, True), (7.9, True), (8.1, False), (24 * 29, False), (-0.02, True), (-1.0, False)],
)
def test_a_session_ends_after_its_hours_though_the_cookie_lives_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: float, holds: bool
) -> None:
    visitor(monkeypatch, {**CLAIMS, "iat": NOW.timestamp() - hours * 3600})
    assert (signed_in_claims(settings(tmp_path), NOW) is not None) is holds


@pytest.mark.parametrize(
    "change", [{"iat": None}, {"iat": "1"}, {"iat": True}, {"is_logged_in": False}, {"is_logged_in": "yes"}]
)
def test_a_token_that_does_not_say_when_signs_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    visitor(monkeypatch, {**CLAIMS, **change})
    assert current_person(settings(tmp_path), DAY) == NOBODY


def test_a_stated_name_counts_in_local_mode_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor(monkeypatch, said="  Nguyễn\tVăn\u200b A ")
    local = current_person(Settings(home=tmp_path), DAY)
    assert (local.identifier, local.verified, set(local.roles)) == ("Nguyễn Văn A", False, set(ROLES))
    assert current_person(Settings(home=tmp_path, identity="public"), DAY) == NOBODY
    assert current_person(settings(tmp_path), DAY) == NOBODY
    visitor(monkeypatch, cookies={identity.NAME_COOKIE: "Tr%E1%BA%A7n%20B"})
    assert current_person(Settings(home=tmp_path), DAY).identifier == "Trần B"
    visitor(monkeypatch, cookies={identity.NAME_COOKIE: "Tr%E1%BA%A7n%20B"}, said="")
    assert current_person(Settings(home=tmp_path), DAY) == NOBODY, "the name was taken back"
    assert len(clean_name("a" * 500)) == identity.MOST_OF_A_NAME


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, "local"),
        ("127.0.0.1", {"Host": "localhost:8501"}, "local"),
        ("::1", {"Host": "[::1]:8501"}, "local"),
        ("0.0.0.0", {"Host": "127.0.0.1:8501"}, "public"),
        (None, {"Host": "127.0.0.1:8501"}, "public"),
        ("127.0.0.1", {"Host": "kehoach.synthetic.invalid"}, "public"),
        ("127.0.0.1", {"Host": "127.0.0.1:8501", "X-Forwarded-For": "10.0.0.9"}, "public"),
        ("127.0.0.1", {"Host": "127.0.0.1:8501", "Forwarded": "for=10.0.0.9"}, "public"),
    ],
)
def test_local_mode_is_for_visitors_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], expected: str
) -> None:
    visitor(monkeypatch, headers=headers, address=address, said="Ai đó")
    assert mode(Settings(home=tmp_path)) == expected
    assert (current_person(Settings(home=tmp_path), DAY) == NOBODY) is (expected == "public")


def test_a_server_away_from_loopback_needs_a_provider_or_shows_what_is_public(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lets whoever reaches the pages take any name"):
        require_identity(Settings(home=tmp_path, serve_address="0.0.0.0"))
    for fine in (
        Settings(home=tmp_path),
        Settings(home=tmp_path, serve_address="::1"),
        Settings(home=tmp_path, serve_address="0.0.0.0", identity="public"),
        settings(tmp_path, serve_address="0.0.0.0"),
    ):
        require_identity(fine)


def test_serve_starts_nothing_in_local_mode_away_from_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPW_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PPW_SERVE_ADDRESS", "0.0.0.0")
    monkeypatch.setattr("orchestration.servers.port_is_free", lambda port: True)
    monkeypatch.setattr("orchestration.servers.subprocess", None)
    answer = CliRunner().invoke(main, ["serve", "--pages-only"])
    assert answer.exit_code == 1
    assert "set PPW_IDENTITY to oidc" in answer.output
    assert "http://" not in answer.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"oidc_client_secret": None}, "needs the settings oidc_client_secret"),
        ({"oidc_metadata_url": None, "oidc_client_id": ""}, "oidc_metadata_url, oidc_client_id"),
        ({"oidc_redirect_uri": "https://pages.synthetic.invalid/"}, "end in /oauth2callback"),
        ({"oidc_redirect_uri": "http://pages.synthetic.invalid/oauth2callback"}, "must begin with https://"),
        ({"oidc_metadata_url": "ftp://synthetic.invalid/configuration"}, "must begin with https://"),
        ({"oidc_roles": {"g": ["reviewer", "boss"]}}, "roles that do not exist: boss"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_starts(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        require_provider(settings(tmp_path, **change))


def test_the_secrets_are_handed_over_in_a_private_file(tmp_path: Path) -> None:
    made = settings(tmp_path / "home")
    for _ in range(2):
        prepare_sign_in(made)
    assert stat.S_IMODE(made.secrets_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.secrets_file.parent.stat().st_mode) == 0o700
    written = tomllib.loads(made.secrets_file.read_text(encoding="utf-8"))["auth"]
    assert written["client_secret"] == 'a "secret" \\ of ours'
    assert written["redirect_uri"] == COMPLETE["oidc_redirect_uri"]
    assert len(written["cookie_secret"]) >= 32
    assert written["expose_tokens"] == []
    prepare_sign_in(Settings(home=tmp_path / "home"))
    assert not made.secrets_file.exists(), "nobody signs in any more"


def test_no_message_shows_a_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PPW_HOME", str(tmp_path))
    monkeypatch.setenv("PPW_OIDC_COOKIE_SECRET", "too-short-c0okie")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert "oidc_cookie_secret" in str(raised.value)
    assert "c0okie" not in f"{raised.value} {raised.value.__cause__}"
    monkeypatch.delenv("PPW_OIDC_COOKIE_SECRET")
    assert "a \\" not in repr(settings(tmp_path))
