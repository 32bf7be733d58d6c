"""The circuit of a host: after several tables in a row got no answer from it, it is left alone for a while.

What happened is read from the recorded retrievals, so it holds within a run and from run to run. After the
rest one table is asked for; no answer again, and the host rests again.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sources.web import HOST_DOWN, FetchError, fault_of
from store import state
from store.settings import Settings


def check_circuit(settings: Settings, address: str, now: datetime) -> None:
    """Raise a FetchError (`circuit_open`) when the host of an address is being left alone."""
    with state.reading(settings) as connection:
        rows = state.latest_at_host(connection, _spellings(address))
    failures: list[datetime] = []
    for row in rows:
        fault = fault_of(row.reason)
        if fault == "circuit_open":
            continue  # nobody was asked
        if fault not in HOST_DOWN:
            break
        failures.append(row.finished_at)
    rest = settings.http_circuit_rest_seconds
    if len(failures) < settings.http_circuit_failures or now - failures[0] >= timedelta(seconds=rest):
        return
    # The moment is not part of the words: the same state of things is the same reason in every run.
    raise FetchError(
        "circuit_open",
        address,
        f"the host {urlsplit(address).hostname} gave no usable answer {settings.http_circuit_failures} times in a "
        f"row or more and is left alone for {rest:.0f} s after the last",
        "see the retrievals before this one for what is wrong; it is asked again by itself",
    )


def _spellings(address: str) -> tuple[str, ...]:
    """Return the ways in which the host stands in addresses."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return (f"{host}:{port}", host) if parts.port is None or port in {80, 443} else (f"{host}:{port}",)
