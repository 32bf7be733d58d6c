"""`ppw submission`: what people sent in, and the receipts they got."""

import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.settings import load_settings

# What an officer reads at the head of a column or beside a fact; --json has the names before them.
HEADERS = {
    "submission_id": "Số",
    "received_at": "Nhận lúc",
    "sender": "Cơ quan",
    "kind": "Loại",
    "period": "Kỳ, văn bản",
    "outcome": "Kết quả",
    "same_as": "Ghi chú",
    "n_figures": "Số liệu",
    "n_milestones": "Công trình",
    "n_problems": "Số lỗi",
    "file_name": "Tệp",
    "keyed_by": "Người nhập",
    "actor": "Người nộp",
    "template_id": "Mã mẫu",
    "plan_version": "Quy hoạch",
    "snapshot_sha256": "Mã băm (sha256)",
    "answer": "Tệp trả lời",
    "number": "STT",
    "place": "Ô",
    "found": "Đã ghi",
    "message_vi": "Lỗi",
    "mend_vi": "Cách sửa",
    "cell": "Ô",
    "code": "Mã",
    "period_or_day": "Kỳ, ngày",
    "value": "Giá trị",
    "detail": "Ghi thêm",
}
COUNTS = ["n_figures", "n_milestones", "n_problems"]


def listed(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows in words, under Vietnamese headers."""
    from orchestration.submissions import in_words

    told = [in_words(row, load_settings().time_zone) for row in rows]
    emit_table(
        [{HEADERS[name]: row.get(name) for name in columns} for row in told],
        [HEADERS[name] for name in columns],
        right=[HEADERS[name] for name in (*COUNTS, "number", "submission_id")],
    )


@click.group()
def command() -> None:
    """Filled workbooks of departments and keyed letters: receive them, and look at their receipts."""


@command.command()
@click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]..."
)
@click.option(
    "--actor", default=getpass.getuser, help="Who hands it in; the user of this machine when left out."
)
@click.option("--json", "as_json", is_flag=True)
def receive(files: tuple[Path, ...], actor: str, as_json: bool) -> None:
    """Receive FILEs, or without one everything in the inbox; the next run uses what was accepted.

    Each gets a receipt; the answer is a workbook in the outbox. Exit code 1 when one was returned.
    """
    from orchestration.submissions import receive_files

    rows = receive_files(load_settings(), files, actor)
    if as_json:
        emit_json(rows)
    elif rows:
        listed(rows, ["submission_id", "sender", "period", "outcome", *COUNTS, "file_name", "answer"])
    else:
        click.echo("Hộp nhận không có tệp nào (the inbox is empty).")
    returned = [str(row["submission_id"]) for row in rows if row["outcome"] == "returned"]
    if returned:
        fail(f"returned: {', '.join(returned)}; `ppw submission show ID` lists the problems")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_submissions(as_json: bool) -> None:
    """All receipts, the latest last."""
    from orchestration.submissions import submission_rows

    rows = submission_rows(load_settings())
    if as_json:
        emit_json(rows)
        return
    if rows:
        listed(rows, ["submission_id", "received_at", "sender", "period", "outcome", *COUNTS, "file_name"])
    else:
        click.echo("Chưa có lần nộp nào (nothing was handed in yet).")


@command.command()
@click.argument("submission_id", type=int)
@click.option("--json", "as_json", is_flag=True)
def show(submission_id: int, as_json: bool) -> None:
    """One receipt: what was accepted, or every problem with its place."""
    from orchestration.submissions import in_words, submission_detail

    settings = load_settings()
    detail = submission_detail(settings, submission_id)
    if detail is None:
        fail(f"There is no submission {submission_id}; `ppw submission list` shows those there are")
    if as_json:
        emit_json(detail)
        return
    told = in_words(detail, settings.time_zone)
    emit_fields({header: told[name] for name, header in HEADERS.items() if told.get(name) is not None})
    problems = [{"number": number, **row} for number, row in enumerate(detail["problems"], start=1)]
    if problems:
        click.echo(f"\nLỗi phải sửa ({len(problems)}):")
        listed(problems, ["number", "place", "found", "message_vi", "mend_vi"])
    if detail["accepted"]:
        click.echo(f"\nĐược tiếp nhận ({len(detail['accepted'])}):")
        listed(detail["accepted"], ["cell", "code", "period_or_day", "value", "detail"])
