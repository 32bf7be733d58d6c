"""Hands the page server what it signs people in with: a private file in Streamlit's form, written at each start."""

import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from reports.provider import require_identity
from store.settings import Settings


def prepare_sign_in(settings: Settings) -> None:
    """Write the secrets file, or remove the one of an earlier start where nobody signs in.

    Only the owner may read it, from its first byte on. SettingsError when the pages must not be served like this.
    """
    require_identity(settings)
    path = settings.secrets_file
    path.unlink(missing_ok=True)
    if settings.identity == "oidc":
        _write_private(path, _streamlit_secrets(settings))


def _streamlit_secrets(settings: Settings) -> str:
    """The section `[auth]` as TOML; no token of the provider is shown to the pages."""
    values: dict[str, object] = {
        "redirect_uri": settings.oidc_redirect_uri,
        "cookie_secret": _plain(settings.oidc_cookie_secret) or secrets.token_urlsafe(32),
        "client_id": settings.oidc_client_id,
        "client_secret": _plain(settings.oidc_client_secret),
        "server_metadata_url": settings.oidc_metadata_url,
        "expose_tokens": [],
    }
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    return "\n".join(
        ["[auth]", *lines, "", "[auth.client_kwargs]", f"scope = {_toml(settings.oidc_scopes)}", ""]
    )


def _toml(value: object) -> str:
    # A text or a list of texts is written in TOML as in JSON.
    return json.dumps(value, ensure_ascii=False)


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
