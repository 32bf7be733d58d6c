"""Triggers that refuse to change or remove rows of append-only tables, on SQLite and PostgreSQL."""

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP;
END
$$
"""


def trigger_statements(dialect: str, table: str, key: str, unique: tuple[str, ...] = ()) -> list[str]:
    """DDL that makes one table append-only.

    `key` is its primary key column, `unique` the columns of its other unique key: on SQLite an INSERT OR REPLACE
    removes the old row without firing its DELETE trigger, so inserting a key that is already there is refused as
    well. PostgreSQL also refuses TRUNCATE.
    """
    if dialect == "sqlite":
        same = [
            " AND ".join(f"{column} = NEW.{column}" for column in columns) for columns in ((key,), unique)
        ]
        is_there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in same if one)
        refusals = {
            "update": f"BEFORE UPDATE ON {table}",
            "delete": f"BEFORE DELETE ON {table}",
            "replace": f"BEFORE INSERT ON {table} WHEN {is_there}",
        }
        return [
            f"CREATE TRIGGER {table}_refuses_{verb} {event} "
            f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only: {verb} refused'); END"
            for verb, event in refusals.items()
        ]
    if dialect == "postgresql":
        return [
            _POSTGRESQL_FUNCTION,
            f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ]
    raise ValueError(f"append-only triggers are written for sqlite and postgresql, not for {dialect}")
