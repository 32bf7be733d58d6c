"""What the settings say about signing in: where the server may listen, what the provider needs, who gets which role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from expectations.gate.people import ROLES, Role
from store.settings import Settings, SettingsError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CALLBACK = "/oauth2callback"
_NEEDED = ("oidc_metadata_url", "oidc_client_id", "oidc_client_secret", "oidc_redirect_uri")


def listens_on_loopback(address: str | None) -> bool:
    """Whether a server at this address can be reached from its own machine only."""
    return address in LOOPBACK


def require_identity(settings: Settings) -> None:
    """SettingsError when the pages must not be served with these settings, saying which setting to mend."""
    if settings.identity == "local" and not listens_on_loopback(settings.serve_address):
        raise SettingsError(
            "identity = 'local' lets whoever reaches the pages take any name, and serve_address = "
            f"{settings.serve_address!r} lets others reach them; set PPW_IDENTITY to oidc (people sign in) or to "
            "public (published figures only)"
        )
    if settings.identity == "oidc":
        require_provider(settings)


def require_provider(settings: Settings) -> None:
    """SettingsError naming what is missing or wrong before people can sign in with a provider."""
    missing = [name for name in _NEEDED if not getattr(settings, name)]
    if missing:
        raise SettingsError(
            f"identity = 'oidc' needs the settings {', '.join(missing)}; see docs/operations.md, Identity"
        )
    for name in ("oidc_metadata_url", "oidc_redirect_uri"):
        address = urlsplit(str(getattr(settings, name)))
        safe = address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
        if not safe or not address.hostname:
            raise SettingsError(f"setting {name!r} must begin with https:// (http:// only on this machine)")
    if urlsplit(str(settings.oidc_redirect_uri)).path.rstrip("/")[-len(CALLBACK) :] != CALLBACK:
        raise SettingsError(
            f"setting 'oidc_redirect_uri' must be the address of the pages and end in {CALLBACK}"
        )
    role_map(settings)


def role_map(settings: Settings) -> dict[str, tuple[Role, ...]]:
    """Value of the role claim -> roles. SettingsError when a role is none."""
    known = {str(role): role for role in ROLES}
    wrong = sorted({role for roles in settings.oidc_roles.values() for role in roles} - known.keys())
    if wrong:
        raise SettingsError(
            f"setting 'oidc_roles' gives roles that do not exist: {', '.join(wrong)}; the roles are {', '.join(ROLES)}"
        )
    return {value: tuple(known[role] for role in roles) for value, roles in settings.oidc_roles.items()}


def mapped_roles(settings: Settings, claims: Mapping[str, Any]) -> tuple[Role, ...]:
    """The roles that the role map gives for the values of the role claim, and the public's, which everybody has."""
    found = set(_values(_claim(claims, settings.oidc_role_claim)))
    given = {role for value, roles in role_map(settings).items() if value in found for role in roles}
    return tuple(role for role in ROLES if role in given | {"public"})


def named_by(settings: Settings, claims: Mapping[str, Any]) -> str | None:
    """What the token calls the person; None when it does not, or by an address that the provider has not verified."""
    named = _claim(claims, settings.oidc_person_claim)
    if not isinstance(named, str) or not named.strip():
        return None
    if settings.oidc_person_claim == "email" and claims.get("email_verified") is not True:
        return None
    return named.strip()


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """A claim by its name, or by a path of names with dots between them."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _values(claim: object) -> Sequence[str]:
    if isinstance(claim, str):
        return [claim]
    return [value for value in claim if isinstance(value, str)] if isinstance(claim, list | tuple) else []
