"""The polygons of the communes, from a file that the office configures (`communes_geojson`); none ships.

The file is a GeoJSON FeatureCollection in longitude and latitude (WGS 84), one Polygon or MultiPolygon for each commune
in force, with the properties `code` (the commune's code, as in the list of administrative units) and `name`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

# A page sends the polygons to every reader, so they have to be simplified.
MOST_BYTES = 4_000_000
Ring = list[list[float]]


class ShapesUnusable(Exception):
    """The file cannot be used; the message names the file, the place in it and the mend."""


@dataclass(frozen=True)
class Shapes:
    """The polygons by code of the commune. `missing`: codes of communes that the file leaves out."""

    polygons: Mapping[str, list[list[Ring]]]
    missing: tuple[str, ...]


def read_shapes(path: Path, codes: frozenset[str]) -> Shapes:
    """The polygons of the communes with these codes. Raises ShapesUnusable; a commune left out is no fault."""
    try:
        state = path.stat()
    except OSError as error:
        raise ShapesUnusable(f"{path}: {error.strerror}; name a file that can be read") from error
    return _read(path, state.st_mtime_ns, state.st_size, codes)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, size: int, codes: frozenset[str]) -> Shapes:
    if size > MOST_BYTES:
        raise ShapesUnusable(
            f"{path}: {size} bytes, at most {MOST_BYTES} go to a page; simplify the polygons first"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ShapesUnusable(f"{path}: no JSON in UTF-8 ({error}); export it as GeoJSON again") from error
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection":
        raise ShapesUnusable(f"{path}: the whole is no FeatureCollection; export it as GeoJSON")
    features = content.get("features")
    if not isinstance(features, list) or not features:
        raise ShapesUnusable(f"{path}: no list `features` with polygons in it")
    polygons: dict[str, list[list[Ring]]] = {}
    for number, feature in enumerate(features):
        code, shape = _feature(f"{path}: features[{number}]", feature)
        place = f"{path}: features[{number}] (code {code})"
        if code in polygons:
            raise ShapesUnusable(f"{place}: the code stands there twice; make the parts one MultiPolygon")
        if code not in codes:
            raise ShapesUnusable(
                f"{place}: no commune in force has this code; use the list of units from 1 July 2025"
            )
        polygons[code] = shape
    return Shapes(polygons, tuple(sorted(codes - polygons.keys())))


def _feature(place: str, feature: Any) -> tuple[str, list[list[Ring]]]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise ShapesUnusable(f"{place}: no `properties`; write code and name there")
    for name in ("code", "name"):
        if not isinstance(properties.get(name), str) or not properties[name].strip():
            raise ShapesUnusable(f"{place}: properties.{name} is no text; write it in quotes, as “01273”")
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ShapesUnusable(f"{place}: geometry is {kind}; only Polygon and MultiPolygon can be drawn")
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        raise ShapesUnusable(f"{place}: geometry.coordinates is empty")
    return properties["code"].strip(), [list(_rings(f"{place}.geometry", part)) for part in parts]


def _rings(place: str, polygon: Any) -> Iterator[Ring]:
    if not isinstance(polygon, list) or not polygon:
        raise ShapesUnusable(f"{place}: a polygon is a list of rings")
    for number, ring in enumerate(polygon):
        if not isinstance(ring, list) or len(ring) < 4:
            raise ShapesUnusable(f"{place} ring {number}: a ring has four points or more, the last the first")
        points = [_point(f"{place} ring {number} point {at}", point) for at, point in enumerate(ring)]
        # The drawing takes what lies left of the line for outside, on the globe: the outer ring goes clockwise.
        clockwise = _doubled_area(points) < 0
        yield points if clockwise == (number == 0) else points[::-1]


def _point(place: str, point: Any) -> list[float]:
    numbers = isinstance(point, list) and len(point) >= 2 and all(_is_number(one) for one in point[:2])
    if not numbers or not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90):
        raise ShapesUnusable(
            f"{place}: {point} is no longitude and latitude in degrees; transform the file to WGS 84 (EPSG:4326)"
        )
    return [float(point[0]), float(point[1])]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _doubled_area(points: Ring) -> float:
    """Twice the signed area of a ring: negative when it goes clockwise."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True))
