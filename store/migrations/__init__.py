"""Alembic migrations of the state database; `store.state.migrate` applies them."""
