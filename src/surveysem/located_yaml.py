"""YAML read safely, with the line of every value kept for error messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from surveysem.errors import InputFileError, Problem

YamlPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class LocatedDocument:
    """Content of a YAML file and the line each value stands on.

    Parameters
    ----------
    path : pathlib.Path
        File it was read from.
    content : Any
        Plain dicts, lists and scalars.
    lines : Mapping
        From the path of a value, such as ``("items", "3", "scale")``, to its line, counted from 1.
    """

    path: Path
    content: Any
    lines: Mapping[tuple[str, ...], int]

    def line(self, path: YamlPath) -> int:
        """Line of the value at *path*, or of the nearest value that contains it."""
        parts = tuple(str(part) for part in path)
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return self.lines.get(parts, 1)

    def where(self, path: YamlPath) -> str:
        """``file:line`` and the dotted path, for a :class:`~surveysem.errors.Problem`."""
        dotted = ".".join(str(part) for part in path)
        return f"{self.path}:{self.line(path)}" + (f", {dotted}" if dotted else "")


def read_located_yaml(path: Path) -> LocatedDocument:
    """Content of a YAML 1.2 file, safely constructed, with line numbers.

    Raises
    ------
    InputFileError
        When the file cannot be read, is not UTF-8, is empty or is not YAML; duplicate keys are named.
    """
    text = _read_text(path)
    reader = YAML(typ="safe", pure=True)
    try:
        content = reader.load(text)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise _unreadable(path, f"{path}:{line}", f"this is not valid YAML: {error.problem}") from None
    except YAMLError as error:
        raise _unreadable(path, str(path), f"this is not valid YAML: {' '.join(str(error).split())}") from None
    if content is None or root is None:
        raise _unreadable(path, str(path), "the file is empty")
    lines: dict[tuple[str, ...], int] = {}
    _collect_lines(root, (), lines)
    return LocatedDocument(path=path, content=content, lines=MappingProxyType(lines))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, str(path), f"byte {error.start} is not UTF-8 text") from None
    except OSError as error:
        raise _unreadable(path, str(path), error.strerror or "the file cannot be read") from None


def _unreadable(path: Path, where: str, found: str) -> InputFileError:
    remedy = "Open it in a text editor, repair that place and save it as UTF-8."
    return InputFileError(f"{path} could not be read.", [Problem(where=where, found=found, remedy=remedy)])


def _collect_lines(node: Node, path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            _collect_lines(value, (*path, str(key.value)), lines)
            lines[(*path, str(key.value))] = key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            _collect_lines(item, (*path, str(index)), lines)
