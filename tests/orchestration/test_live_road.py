"""The live road: a loopback PxWeb server with the shipped population figures; pulled, unchanged, revised."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.orchestration.conftest import PROJECT_ROOT, current, ppw, rows
from tests.servers.pxweb import PxwebServer, PxwebTable

pytestmark = pytest.mark.integration
