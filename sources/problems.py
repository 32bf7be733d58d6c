"""Problems found in the project's own input files: each names the file, the place and the mend."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

try:  # libyaml's parser is ten times as fast; a PyYAML built without it does the same, slower
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

Location = Sequence[int | str]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one file. `place` is a line and a key path, or a row and a column."""

    file: str
    place: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.message}. Mend: {self.mend}"


class _UniqueKeyLoader(SafeLoader):
    """YAML in which a key written twice is refused; the plain loader keeps the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping",
                    node.start_mark,
                    f"the key '{key}' stands here twice",
                    key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_yaml(text: str, file: str) -> tuple[Any, list[Problem]]:
    """Read one YAML document; what is wrong with its form is a problem, and the content None."""
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader), []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = error.problem or "this is not YAML"
        return None, [Problem(file, f"line {line}", message, "correct the YAML at this line")]
    except yaml.YAMLError as error:
        return None, [Problem(file, "line 1", str(error), "save the file as UTF-8 text in YAML")]


def line_of(text: str, location: Location) -> int:
    """Return the line (from 1) on which the key or list item at `location` starts."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                continue  # the tag of a union: a step of the model that the file does not have
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def path_text(location: Location) -> str:
    """Write a location as `routes.recorded.mapping.series[0].unit`."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the whole file"


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]


def _tag_of(model: type[BaseModel], tag: str) -> bool:
    return any(tag in get_args(field.annotation) for field in model.model_fields.values())


def known_keys(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that the model allows at `location`, the step of a union's tag included."""
    candidates = [model]
    for step in location:
        fields = [
            c.model_fields[step] for c in candidates if isinstance(step, str) and step in c.model_fields
        ]
        if fields:
            candidates = [found for field in fields for found in _models_in(field.annotation)]
        elif isinstance(step, str) and any(_tag_of(c, step) for c in candidates):
            candidates = [c for c in candidates if _tag_of(c, step)]
    return sorted({name for candidate in candidates for name in candidate.model_fields})


def _unknown_key(model: type[BaseModel], location: Location) -> tuple[str, str]:
    keys = known_keys(model, location[:-1])
    name = str(location[-1])
    near = difflib.get_close_matches(name, keys, n=1)
    hint = f"write '{near[0]}', or remove it" if near else "remove it"
    return f"unknown key '{name}'", f"{hint} (keys known here: {', '.join(keys)})"


def _mend(error: Any, model: type[BaseModel], location: Location) -> tuple[str, str]:
    """Return what is wrong, and the mend."""
    context = error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            found = _unknown_key(model, location)
        case "missing":
            found = f"the key '{location[-1]}' is missing", "add it"
        case "literal_error" | "enum":
            found = f"'{error['input']}' is not a known value", f"write one of {context.get('expected')}"
        case "union_tag_invalid" | "union_tag_not_found":
            found = str(error["msg"]), f"write one of {context.get('expected_tags', 'the known values')}"
        case "string_type":
            found = f"{error['input']!r} is not text", "put the value in quotes"
        case "value_error":
            message, _, mend = str(context.get("error", error["msg"])).partition(" | ")
            found = message, mend or "correct the value"
        case _:
            found = str(error["msg"]), f"correct the value ({error['input']!r})"
    return found


def problems_of(
    error: ValidationError,
    model: type[BaseModel],
    file: str,
    place: Iterable[str] = (),
    text: str | None = None,
) -> list[Problem]:
    """Turn a pydantic error into problems, all of them; `text` (the YAML) adds the line of each."""
    found = []
    for item in error.errors(include_url=False):
        location: Location = item["loc"]
        message, mend = _mend(item, model, location)
        where = [*place, path_text(location)] if location else [*place]
        if text is not None:
            where = [f"line {line_of(text, location)}", *where]
        found.append(Problem(file, ", ".join(where) or "the whole file", message, mend))
    return found
