"""Writes the generated documents: the data dictionary, the rules, the commands, the plan and the record's JSON Schema.

One place for each fact: tables are described in dbt's YAML, rules in the suites, commands in the code, records in
pydantic. `stale(settings)` names what differs from the files; a test holds it empty.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from docs.gate_page import gate_page
from docs.plan_page import plan_page
from expectations.gate.clearance import UNSTATED
from expectations.rules import Rule, load_rules
from orchestration.cli import COMMANDS, main
from orchestration.influence import INFLUENCE_SCHEMA
from orchestration.manifest import ensure_manifest
from reports.disclosure import COLUMN_ACCESS_FILE
from reports.open_data.dictionary import DICTIONARY_FILE
from sources.registry import schema_text
from store.release_diff import CHANGE_SCHEMA
from store.release_tables import INFLUENCE_TABLE, RELEASE_CHANGE_TABLE, RELEASE_TABLES
from store.settings import Settings, load_settings

DOCS = Path(__file__).resolve().parent


def data_dictionary(settings: Settings) -> str:
    """The tables of a release as Markdown: keys, columns, types, descriptions."""
    manifest = json.loads(ensure_manifest(settings).read_text(encoding="utf-8"))
    models: Mapping[str, Any] = {
        node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"
    }
    parts = [
        "# Data dictionary",
        "",
        "The tables of a release, Parquet files in `releases/<release_id>/`, sorted by key.",
        "Written by `make docs` from the descriptions in `dbt_project/models/marts`; do not edit here.",
    ]
    for table, keys in RELEASE_TABLES.items():
        model = models.get(table)
        if model is None:
            parts += ["", f"## {table}", "", _MADE_BY_PUBLISHING[table]]
            continue
        parts += [
            "",
            f"## {table}",
            "",
            _one_line(model["description"]),
            "",
            f"Key: {', '.join(f'`{key}`' for key in keys)}.",
            "",
        ]
        parts += ["| column | type | access | meaning |", "|---|---|---|---|"]
        parts += [
            f"| {column['name']} | {column.get('data_type') or ''} | {_access(column)} | "
            f"{_one_line(column.get('description', ''))} |"
            for column in model["columns"].values()
        ]
    return "\n".join(parts) + "\n"


def column_access(settings: Settings) -> str:
    """The access level of every column of a release, from dbt's YAML, as CSV for the pages and exports."""
    manifest = json.loads(ensure_manifest(settings).read_text(encoding="utf-8"))
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    # What a figure that waits would change tells that figure.
    others = {
        RELEASE_CHANGE_TABLE: dict.fromkeys(CHANGE_SCHEMA, "public"),
        INFLUENCE_TABLE: dict.fromkeys(INFLUENCE_SCHEMA, "restricted"),
    }
    lines = ["table,column,access"]
    for table in RELEASE_TABLES:
        model = models.get(table)
        levels = (
            {name: _access(column) for name, column in model["columns"].items()} if model else others[table]
        )
        lines += [f"{table},{column},{level}" for column, level in levels.items()]
    return "\n".join(lines) + "\n"


def open_dictionary(settings: Settings) -> str:
    """Key, description and columns of every table that dbt makes, from its YAML, as JSON for the open data."""
    manifest = json.loads(ensure_manifest(settings).read_text(encoding="utf-8"))
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    tables = {
        table: {
            "description": " ".join(models[table]["description"].split()),
            "key": list(keys),
            "columns": {
                name: " ".join(column.get("description", "").split())
                for name, column in models[table]["columns"].items()
            },
        }
        for table, keys in RELEASE_TABLES.items()
        if table in models
    }
    return json.dumps(tables, ensure_ascii=False, indent=1) + "\n"


def _access(column: Mapping[str, Any]) -> str:
    return str((column.get("config") or {}).get("meta", {}).get("access", UNSTATED))


# The tables that dbt does not make.
_MADE_BY_PUBLISHING = {
    "fct_finding_influence": "Of a warning or error that nobody has decided on and whose value feeds a target: how the "
    "target would be assessed if the value were `accepted` and if it were `excluded` (`scenario`), beside how it is "
    "assessed now (columns `..._now`). Key: `finding_id`, `assessment_key`, `scenario`. `is_headline`: the target is a "
    "headline of the plan in use; `changes_bucket`, `changes_state`: its count or states would differ. Worked out by "
    "the release's own formulas.",
    "fct_release_change": "A difference from the release before: `change_kind`, `table_name`, "
    "`row_key` (the key columns joined by `|`), `column_name`, `from_value`, `to_value`, `reason`. Written when a "
    "candidate is made; not part of the content digest.",
}


def rules() -> str:
    """The quality rules as Markdown, one table per suite."""
    rule_set = load_rules()
    parts = [
        "# Quality rules",
        "",
        "Written by `make docs` from `expectations/suites/*.yml`; do not edit here.",
        "",
        "A rule on trial warns until the day named; by then it is decided whether it gets the severity behind",
        "the arrow. Suppressions of single findings stand in `expectations/suppressions.yml`.",
    ]
    for suite in rule_set.suites:
        parts += [
            "",
            f"## {suite.name}",
            "",
            f"Owner: {suite.owner.en} ({suite.owner.vi}).",
            "",
            "| rule | version | severity | from | what it says | tiếng Việt | why |",
            "|---|---|---|---|---|---|---|",
        ]
        parts += [
            f"| {rule.rule_id} | {rule.version} | {_severity(rule)} | {rule.applies_from} | "
            f"{_one_line(rule.description.en)} | {_one_line(rule.description.vi)} | "
            f"{rule.reason.date}: {_one_line(rule.reason.text.en)} |"
            for rule in suite.rules
        ]
    return "\n".join(parts) + "\n"


def _severity(rule: Rule) -> str:
    if rule.promote_by is None:
        return rule.severity
    return f"{rule.severity} → {rule.intended_severity} by {rule.promote_by}"


def commands() -> str:
    """The command line as Markdown, from the commands' own help."""
    parts = ["# Commands", "", "Written by `make docs` from the commands' own help; do not edit here."]
    settings = {**main.context_settings, "terminal_width": 100, "max_content_width": 100}
    context = click.Context(main, info_name="ppw", **settings)
    for name in COMMANDS:
        command = main.get_command(context, name)
        if command is None:
            raise LookupError(f"orchestration/cli.py names the command {name} but no module defines it")
        parts += _help(command, click.Context(command, parent=context, info_name=name), level=2)
    return "\n".join(parts) + "\n"


def _help(command: click.Command, context: click.Context, level: int) -> list[str]:
    parts = [
        "",
        f"{'#' * level} `{context.command_path}`",
        "",
        "```text",
        command.get_help(context).rstrip(),
        "```",
    ]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                parts += _help(child, click.Context(child, parent=context, info_name=name), level + 1)
    return parts


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def documents(settings: Settings) -> dict[Path, str]:
    """Every generated document: path -> text."""
    return {
        DOCS / "data_dictionary.md": data_dictionary(settings),
        DOCS / "checks.md": rules(),
        DOCS / "commands.md": commands(),
        DOCS / "gate.md": gate_page(),
        DOCS / "plan.md": plan_page(settings),
        COLUMN_ACCESS_FILE: column_access(settings),
        DICTIONARY_FILE: open_dictionary(settings),
        settings.project_root / "sources" / "specs" / "source_record.schema.json": schema_text(),
    }


def stale(settings: Settings) -> list[Path]:
    """The generated documents that differ from what would be written now."""
    return [
        path
        for path, text in documents(settings).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


if __name__ == "__main__":
    for path, text in documents(load_settings()).items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path.relative_to(DOCS.parent)}")
