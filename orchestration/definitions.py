"""What Dagster loads: `defs`, for the settings of this process.

At import only the project's own records and the dbt manifest are read: no network, landing, state or warehouse.
"""

from orchestration.graph import build_definitions
from store.settings import load_settings

defs = build_definitions(load_settings())
