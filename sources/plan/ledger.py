"""The ledger: every number of the text of a plan, and which promise it belongs to or why to none.

It proves that nothing was left out: the tokens of the text are the entries of the ledger one by one, every
entry has a use, and every figure of a target stands in an entry of that target.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, cast

from sources.plan.document import LEDGER_FILE, LISTS_FILE, MILESTONES_FILE, PLAN_FILE, TARGETS_FILE
from sources.plan.plan import Plan
from sources.plan.rows import Numbered
from sources.plan.tables import REFERRING_USES, LedgerEntry, TokenKind
from sources.plan.targets import PlanMilestone, PlanTarget
from sources.problems import Problem
from sources.text.numbers import read_printed_number

# Digits, with the points and commas between them: 1.500, 6.700,3. A date gives three tokens, a range two.
_DIGITS = r"\d+(?:[.,]\d+)*"
# Roman numerals number sections, classes of roads and towns, and quarters; a letter inside a word is none. The
# text uses no larger letters than L.
_ROMAN = r"(?<!\w)[IVXL]+(?!\w)"
# Numbers in words, and words that multiply a number. "Năm" is both five and year, and five is nowhere written so:
# it is taken only after "thứ". "Tỷ" is a thousand million, except in "tỷ lệ", "tỷ trọng" and "tỷ giá".
_WORD = (
    r"(?<!\w)(?:một|hai|ba|bốn|sáu|bảy|tám|chín|mười|chục|trăm|nghìn|ngàn|vạn|triệu|"
    r"t[ỷỉ](?!\s+(?:lệ|trọng|giá))|nửa|đôi|cặp|thứ\s+(?:nhất|hai|ba|tư|năm))(?!\w)"
)
_TOKEN = re.compile(f"(?P<roman>{_ROMAN})|(?P<word>(?i:{_WORD}))|(?P<digits>{_DIGITS})")
_WORD_VALUES = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10, "chục": 10,
    "trăm": 100, "nghìn": 1000, "ngàn": 1000, "vạn": 10_000, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9,
    "đôi": 2, "thứ nhất": 1, "thứ hai": 2, "thứ ba": 3, "thứ tư": 4, "thứ năm": 5,
}  # fmt: skip
# The text is set with an empty line between two; words around a figure may go on over a page break.
PRINTED_LINES = 8
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}


class Token(NamedTuple):
    """One number of a text; line and column count from 1."""

    line: int
    column: int
    text: str
    kind: TokenKind


def tokens(text: str) -> Iterator[Token]:
    """Give every number of a text in reading order; lines end at a line feed and nowhere else."""
    for number, line in enumerate(text.split("\n"), start=1):
        for match in _TOKEN.finditer(line):
            yield Token(number, match.start() + 1, match.group(), cast(TokenKind, match.lastgroup))


def value_of(token: str, kind: TokenKind) -> Decimal | None:
    """Return the number a token writes, the Vietnamese way (`1.500` is 1500, `6.700,3`); None for no number."""
    if kind == "digits":
        return read_printed_number(token, "comma").decimal
    if kind == "word":
        value = _WORD_VALUES.get(" ".join(token.lower().split()))
        return None if value is None else Decimal(value)
    numerals = [_ROMAN_VALUES[letter] for letter in token]
    after = [*numerals[1:], 0]
    return Decimal(sum(-one if one < next_ else one for one, next_ in zip(numerals, after, strict=True)))


def counts_by_use(ledger: Numbered[LedgerEntry]) -> dict[str, int]:
    """Return the number of entries of each use."""
    return dict(sorted(Counter(entry.use for _, entry in ledger).items()))


def ledger_problems(plan: Plan) -> list[Problem]:
    """Say where the ledger of a plan and its promises do not answer to each other; nothing without a ledger."""
    if not plan.ledger:
        return []
    return [*_entries(plan), *_targets(plan), *_milestones(plan)]


def _entries(plan: Plan) -> list[Problem]:
    targets = {target.target_id for _, target in plan.targets}
    milestones = {milestone.target_id for _, milestone in plan.milestones}
    known = {
        "target": (targets, f"is not in {TARGETS_FILE}"),
        "target_term": (targets | milestones, f"is neither in {TARGETS_FILE} nor in {MILESTONES_FILE}"),
        "milestone": (milestones, f"is not in {MILESTONES_FILE}"),
        "milestone_term": (targets | milestones, f"is neither in {TARGETS_FILE} nor in {MILESTONES_FILE}"),
        "list_member": ({row.list_id for _, row in plan.lists}, f"is not in {LISTS_FILE}"),
    }
    problems = []
    last = (0, 0)
    for number, entry in plan.ledger:
        place = f"row {number}"
        if (entry.line, entry.column) < last:
            message = f"{entry.line}:{entry.column} stands after {last[0]}:{last[1]}"
            problems.append(Problem(LEDGER_FILE, place, message, "sort the rows by line and column"))
        last = (entry.line, entry.column)
        if plan.document.text_lines is not None and entry.line > plan.document.text_lines:
            message = f"line {entry.line} is after the last line of the text ({plan.document.text_lines})"
            problems.append(Problem(LEDGER_FILE, place, message, f"correct it, or text_lines in {PLAN_FILE}"))
        if entry.use in known:
            names, wrong = known[entry.use]
            for ref in entry.refs:
                if ref not in names:
                    message = f"'{ref}' {wrong}; the token '{entry.token}' on line {entry.line} belongs to it"
                    problems.append(Problem(LEDGER_FILE, place, message, "add the row, or correct ref"))
    return problems


def _targets(plan: Plan) -> list[Problem]:
    """Every figure of a target is a token of it in its clause, and every token of a target is a figure of it."""
    targets = {target.target_id: target for _, target in plan.targets}
    clauses = {clause.clause: clause for _, clause in plan.clauses}
    written: dict[str, set[Decimal]] = {}
    problems = []
    for number, entry in plan.ledger:
        if entry.use != "target":
            continue
        value = value_of(entry.token, entry.kind)
        for ref in entry.refs:
            target = targets.get(ref)
            if target is None:
                continue  # said with the entries
            if value is None or value not in target.figures:
                figures = " and ".join(str(figure) for figure in target.figures) or "none"
                message = f"the token '{entry.token}' on line {entry.line} is no figure of {ref} ({figures})"
                mend = "correct the figure in targets.csv, or the use or ref here"
                problems.append(Problem(LEDGER_FILE, f"row {number}", message, mend))
            elif (clause := clauses.get(target.clause)) is None or (
                clause.line_from <= entry.line <= clause.line_to
            ):
                written.setdefault(ref, set()).add(value)
    for number, target in plan.targets:
        for figure in target.figures:
            if figure not in written.get(target.target_id, set()):
                message = f"the figure {figure} of {target.target_id} is no token of clause {target.clause}"
                mend = f"give the token use target and ref {target.target_id}, or correct the figure"
                problems.append(Problem(TARGETS_FILE, f"row {number}", message, mend))
    return problems


def _milestones(plan: Plan) -> list[Problem]:
    by_line: dict[int, list[LedgerEntry]] = {}
    for _, entry in plan.ledger:
        by_line.setdefault(entry.line, []).append(entry)
    problems = []
    for number, milestone in plan.milestones:
        digits = {token.text for token in tokens(milestone.printed_text) if token.kind == "digits"}
        lines = range(milestone.line, milestone.line + PRINTED_LINES)
        near = [entry for line in lines for entry in by_line.get(line, [])]
        # The number may be that of a target too: "01 town of class II" is a count and a thing to be done.
        is_touched = any(
            milestone.target_id in entry.refs or (entry.token in digits and entry.use in REFERRING_USES)
            for entry in near
        )
        if digits and not is_touched:
            message = f"{milestone.target_id} prints {', '.join(sorted(digits))} and no token is its own"
            mend = f"give the token use milestone or milestone_term and ref {milestone.target_id}"
            problems.append(Problem(MILESTONES_FILE, f"row {number}", message, mend))
    return problems


def text_problems(plan: Plan, data: bytes) -> list[Problem]:
    """Say where the ledger and the printed words of a plan differ from the text they were made from.

    `data` are the bytes of the text, in UTF-8.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    stated = plan.document.text_sha256
    if stated != sha256:
        message = f"the text has sha256 {sha256}, and the plan names {stated or 'none'}"
        return [Problem(PLAN_FILE, "text_sha256", message, "give the text that was read, or read it anew")]
    text = data.decode("utf-8")
    lines = text.split("\n")
    problems = _token_problems(plan, text)
    n_lines = text.count("\n")
    if plan.document.text_lines != n_lines:
        message = f"the text has {n_lines} lines, and the plan says {plan.document.text_lines}"
        problems.append(Problem(PLAN_FILE, "text_lines", message, "correct text_lines"))
    for file, number, promise in plan.promises():
        if not _stands(promise, lines):
            message = f"'{promise.printed_text}' does not begin on line {promise.line} of the text"
            problems.append(Problem(file, f"row {number}", message, "correct printed_text or line"))
    return problems


def _token_problems(plan: Plan, text: str) -> list[Problem]:
    """Compare token by token. The first difference says where; those after it mostly follow from it."""
    found = list(tokens(text))
    for token, (number, entry) in zip(found, plan.ledger, strict=False):
        if token != (entry.line, entry.column, entry.token, entry.kind):
            message = (
                f"the entry is '{entry.token}' ({entry.kind}, {entry.line}:{entry.column}), the token of the text "
                f"'{token.text}' ({token.kind}, {token.line}:{token.column})"
            )
            return [Problem(LEDGER_FILE, f"row {number}", message, "put the entry right, then check again")]
    if len(found) > len(plan.ledger):
        token = found[len(plan.ledger)]
        message = (
            f"{len(found) - len(plan.ledger)} tokens of the text have no entry, first '{token.text}' "
            f"({token.line}:{token.column})"
        )
        return [Problem(LEDGER_FILE, "the end", message, "add an entry for each")]
    if len(found) < len(plan.ledger):
        number, entry = plan.ledger[len(found)]
        message = f"the text has {len(found)} tokens; the entry '{entry.token}' is one too many"
        return [Problem(LEDGER_FILE, f"row {number}", message, "remove it and what follows")]
    return []


def _stands(promise: PlanTarget | PlanMilestone, lines: Sequence[str]) -> bool:
    """Whether the printed words begin on the stated line; they may go on over the lines after it."""
    first = " ".join(lines[promise.line - 1].split()) if promise.line <= len(lines) else ""
    following = " ".join(" ".join(lines[promise.line - 1 : promise.line - 1 + PRINTED_LINES]).split())
    at = following.find(" ".join(promise.printed_text.split()))
    return 0 <= at < max(len(first), 1)
