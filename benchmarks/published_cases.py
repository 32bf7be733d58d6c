"""How many results that other offices published come out of a release's formulas, by method.

`python -m benchmarks.published_cases FILE` takes a JSON file of cases with what was printed (`expected`) and prints the
table of docs/methods.md, with each difference below it; the exit code is 1 when there is one.
"""

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.assess_answers import answer_cases
from orchestration.assess_cases import read_cases
from orchestration.assess_fields import InputError, read_records
from store.formulas import Formulas, formulas_of_release
from store.manifest import ReleaseError
from store.releases import release_dir
from store.settings import load_settings

# Relative to the printed number. A publisher that prints four decimals cannot be met closer than they go.
TOLERANCE = 1e-9
_TOLERANCES = {"outlier_z_score": 1e-3}


def differences(record: Mapping[str, Any], answer: Mapping[str, object]) -> list[str]:
    """What an answer says otherwise than the publisher printed, a sentence each."""
    tolerance = _TOLERANCES.get(str(record["method"]), TOLERANCE)
    return [
        f"{record['id']} {name}: printed {printed}, computed {answer.get(name)} {answer.get('message', '')}".strip()
        for name, printed in record["expected"].items()
        if name not in answer or not _same(printed, answer[name], tolerance)
    ]


def _same(printed: object, computed: object, tolerance: float) -> bool:
    if isinstance(printed, float) and isinstance(computed, int | float):
        return math.isclose(printed, computed, rel_tol=tolerance, abs_tol=tolerance)
    return printed == computed


def compared(formulas: Formulas, records: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The lines of the table, and every difference."""
    answers = answer_cases(formulas, read_cases(records))
    found = {
        str(record["id"]): differences(record, answer)
        for record, answer in zip(records, answers, strict=True)
        if "expected" in record
    }
    run = Counter(str(record["method"]) for record in records if str(record["id"]) in found)
    good = Counter(str(record["method"]) for record in records if found.get(str(record["id"])) == [])
    lines = ["| method | published cases run | reproduced |", "|---|---:|---:|"]
    lines += [f"| {method} | {count} | {good[method]} |" for method, count in sorted(run.items())]
    lines.append(f"| all | {run.total()} | {good.total()} |")
    return lines, [text for texts in found.values() for text in texts]


def main(path: Path) -> int:
    """Print the table and the differences for a file of cases."""
    try:
        lines, wrong = compared(formulas_of_release(release_dir(load_settings())), read_records(path))
    except (InputError, ReleaseError) as error:
        sys.exit(str(error))
    print("\n".join([*lines, "", *wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.published_cases FILE")
    sys.exit(main(Path(sys.argv[1])))
