"""Answers to cases: the methods' own SQL is run on them, and each result is given the names its publisher uses."""

import math
from collections.abc import Sequence

import duckdb

from orchestration.assess_cases import METHODS
from orchestration.assess_fields import Case, Problem
from store.formulas import Formulas, Relation, Row, run_models

Answer = dict[str, object]

_REFUSED_BY_METHOD = {
    "OFF_SCALE": "a value of the series lies outside 0 to `params.upper_scale`; give the scale the values are on",
    "UNDEFINED": "the method's formula has no number for these values (zero or a change of sign); another method is "
    "needed",
}
_NO_SPREAD = "no z-score: the standard deviation is 0, so no distance from the mean can be measured in it"
_TOO_FEW = "no symbol: fewer than four consecutive years up to the assessment year"


def answer_cases(formulas: Formulas, cases: Sequence[Case]) -> list[Answer]:
    """One answer per case in their order: {id, the method's results}, or {id, refused, message}.

    Raises ReleaseError when the formulas lack a model.
    """
    good = {place: case for place, case in enumerate(cases) if not case.problems}
    try:
        results = _results(formulas, good)
    except duckdb.Error:
        # One case whose figures break the arithmetic must not take the others with it: each alone then.
        results = {}
        for place, case in good.items():
            try:
                results |= _results(formulas, {place: case})
            except duckdb.Error as error:
                case.problems.append(
                    Problem("UNDEFINED", f"the method cannot be computed: {_first_line(error)}")
                )
    return [_answer(case, results.get(place)) for place, case in enumerate(cases)]


def _results(formulas: Formulas, cases: dict[int, Case]) -> dict[int, Row]:
    """The row of each case's model, by place."""
    given: dict[Relation, list[Row]] = {}
    for method in METHODS.values():
        given.setdefault(method.cases, [])
        given.setdefault(method.series, [])
    for place, case in cases.items():
        method = METHODS[case.method]
        key = {method.key: str(place)}
        given[method.cases].append({**case.row, **key, "method": case.method})
        given[method.series] += [{**row, **key} for row in case.series]
    keys = {METHODS[case.method].model: METHODS[case.method].key for case in cases.values()}
    computed = run_models(formulas, given, sorted(keys))
    return {int(row[keys[model]]): row for model, rows in computed.items() for row in rows}


def _answer(case: Case, result: dict[str, object] | None) -> Answer:
    if not case.problems and result is not None and result.get("refused_reason"):
        code = str(result["refused_reason"])
        case.problems.append(Problem(code, _REFUSED_BY_METHOD[code]))
    if case.problems or result is None:
        return {
            "id": case.id,
            "refused": case.problems[0].code,
            "message": "; ".join(problem.message for problem in case.problems),
        }
    answer: Answer = {"id": case.id} | {
        name: _finite(result[name]) for name in METHODS[case.method].answer if name in result
    }
    notes = [str(answer.get("note") or ""), case.note or ""]
    if "symbol" in answer and answer["symbol"] is None:
        notes.append(_TOO_FEW)
    if "z_score" in answer and answer["z_score"] is None:
        notes.append(_NO_SPREAD)
    note = "; ".join(filter(None, notes))
    return answer | {"note": note} if note else answer


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
