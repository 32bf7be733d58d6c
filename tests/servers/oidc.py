"""An OpenID Connect provider on loopback, in a process of its own: `oidc-provider-mock`.

It issues codes and signed tokens as a provider does: discovery, JWKS, RS256, codes that are used once, clients that
must be registered with their redirect address, a nonce that must be there. It asks nobody for a password: whoever signs
in chooses who to be.
"""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

_START_SECONDS = 30


@dataclass(frozen=True)
class Client:
    """What the provider knows of the pages."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    address: str

    @property
    def metadata_url(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"

    def register(self, redirect_uri: str) -> Client:
        """Make the pages known to the provider: only this address is given codes."""
        answer = _post(
            f"{self.address}/oauth2/clients",
            {"redirect_uris": [redirect_uri], "token_endpoint_auth_method": "client_secret_basic"},
        )
        return Client(answer["client_id"], answer["client_secret"])


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving_provider(users: Sequence[Mapping[str, Any]], log: Path) -> Iterator[Provider]:
    """A provider that knows these users, each given by claims with `sub` among them; stopped at the end."""
    port = free_port()
    known = [part for claims in users for part in ("--user-claims", json.dumps(claims))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port),
               "--require-registration", "true", "--require-nonce", "true", *known]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            provider = Provider(f"http://127.0.0.1:{port}")
            _wait(provider, process, log)
            yield provider
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(provider: Provider, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(_START_SECONDS * 5):
        if process.poll() is not None:
            raise RuntimeError(
                f"the provider ended with code {process.returncode}: {log.read_text()[-2000:]}"
            )
        try:
            with urlopen(provider.metadata_url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no answer from {provider.address}: {log.read_text()[-2000:]}")


def _post(address: str, body: Mapping[str, Any]) -> dict[str, Any]:
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
