"""The declared derivations: what may be worked out from what."""

from __future__ import annotations

import csv

from store.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
Key = tuple[str, str]


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


INDICATORS = {row["indicator_code"]: row for row in seed("indicator")}
DIMENSIONS = {row["unit"]: row["dimension"] for row in seed("unit")}


def dimension(code: str) -> str:
    return DIMENSIONS[INDICATORS[code]["unit"]]


def ratios() -> dict[str, list[Key]]:
    """Numerator and denominator of each ratio that an indicator declares."""
    declared = {}
    for code, row in INDICATORS.items():
        parts = [part.partition(":")[2].partition("/") for part in row["components"].split(";") if part]
        if parts:
            declared[code] = [(name, breakdown or "_T") for name, _, breakdown in parts]
    return declared


def made_of() -> dict[str, tuple[Key, list[dict[str, str]]]]:
    """Result and components of each derivation of the seed."""
    parts: dict[str, list[dict[str, str]]] = {}
    for row in seed("derivation_component"):
        parts.setdefault(row["derivation_id"], []).append(row)
    return {
        row["derivation_id"]: ((row["indicator_code"], row["breakdown"]), parts[row["derivation_id"]])
        for row in seed("derivation")
    }


def test_a_ratio_is_made_of_amounts_and_never_of_ratios() -> None:
    for code, parts in ratios().items():
        assert [INDICATORS[part]["form"] for part, _ in parts] == ["level", "level"], code
        assert not {part for part, _ in parts} & set(ratios()), code


def test_the_unit_of_a_ratio_follows_from_those_of_its_parts() -> None:
    per = {
        "density": ("person", "area"),
        "currency_vnd_per_person": ("currency_vnd", "person"),
        "currency_vnd_per_worker": ("currency_vnd", "person"),
    }
    for code, ((numerator, _), (denominator, _)) in ratios().items():
        over = (dimension(numerator), dimension(denominator))
        if dimension(code) == "ratio":
            assert over[0] == over[1], code
        elif dimension(code) == "per_population":
            assert over[1] == "person", code
        else:
            assert over == per[dimension(code)], code


def test_only_amounts_of_one_quantity_are_added() -> None:
    methods = {row["derivation_id"]: row["method"] for row in seed("derivation")}
    for derivation, ((result, _), parts) in made_of().items():
        for part in parts:
            if part["operation"] != "add":
                continue
            quantity = dimension(part["indicator_code"]).removesuffix("_difference")
            assert quantity == dimension(result).removesuffix("_difference"), derivation
            if methods[derivation] in ("parts", "remainder"):
                assert INDICATORS[part["indicator_code"]]["form"] == "level", derivation


def test_every_component_stands_once_in_its_place() -> None:
    for derivation, (_, parts) in made_of().items():
        assert [int(part["position"]) for part in parts] == list(range(1, len(parts) + 1)), derivation


def test_no_figure_is_worked_out_from_itself_at_the_same_time() -> None:
    """What a later stage gives is never what an earlier one of the same year needs, further than the models look.

    They leave out a component that was worked out from the very figure in question (growth of a level that was
    itself grown); over two steps or more nothing would.
    """
    stages = {row["method"]: int(row["stage"]) for row in seed("derivation_method")}
    methods = {row["derivation_id"]: row["method"] for row in seed("derivation")}
    edges = {(code, "_T"): [(4, part) for part in parts] for code, parts in ratios().items()}
    for derivation, (result, parts) in made_of().items():
        stage = stages[methods[derivation]]
        same_year = [
            (stage, (part["indicator_code"], part["breakdown"]))
            for part in parts
            if part["year_shift"] == "0"
        ]
        edges.setdefault(result, []).extend(same_year)

    def reach(key: Key, below: int, path: tuple[Key, ...]) -> None:
        for stage, part in edges.get(key, ()):
            if stage < below and part != path[-2:][0]:
                assert part not in path, (*path, part)
                reach(part, stage, (*path, part))

    for key in edges:
        reach(key, 9, (key,))


def test_only_flows_add_up_over_time() -> None:
    for code, row in INDICATORS.items():
        if row["is_additive_over_time"] == "true":
            assert row["form"] in ("level", "increment", "change"), code
            assert row["observation_period_type"] == "year", code
    stocks = {"POPULATION_AVERAGE", "AREA_TOTAL", "DOCTORS_TOTAL", "COMMUNES_NEW_RURAL", "SCHOOLS_STANDARD"}
    assert not {code for code in stocks if INDICATORS[code]["is_additive_over_time"] == "true"}


def test_every_composition_of_a_year_spans_what_it_makes_up() -> None:
    """The months that are added and taken off leave exactly the months of the part."""
    months = {"year": range(1, 13), "H1": range(1, 7), "H2": range(7, 13), "YTD09": range(1, 10)}
    months |= {f"Q{n}": range(3 * n - 2, 3 * n + 1) for n in range(1, 5)}
    months |= {f"M{n:02d}": range(n, n + 1) for n in range(1, 13)}
    sums: dict[tuple[str, str], dict[int, int]] = {}
    for row in seed("period_composition"):
        counted = sums.setdefault((row["period_part"], row["alternative"]), {})
        for month in months[row["component_part"]]:
            counted[month] = counted.get(month, 0) + int(row["coefficient"])
    for (part, _), counted in sums.items():
        assert {month for month, count in counted.items() if count == 1} == set(months[part]), part
        assert set(counted.values()) <= {0, 1}, part
