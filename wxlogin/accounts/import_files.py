"""Files of users: CSV with a header, or JSON lines; read line by line, and written likewise."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TextIO

from wxlogin.accounts.import_rows import FIELDS, REASON, Rejected

MAX_LINE = 131_072
"""Characters of a line of JSON; a field of CSV has no more either."""


class HeaderWrong(ValueError):
    """The first line of a CSV file does not name the fields."""


class Line(NamedTuple):
    """What a row of a file says: its fields, or why it cannot be read, and its text for that."""

    fields: Mapping[str, object]
    fault: str = ""
    text: str = ""


class RowWriter(Protocol):
    """Writes rows in one of the two forms."""

    def write(self, fields: Mapping[str, object]) -> None:
        """Write one row."""
        ...


class JsonWriter:
    """Writes JSON lines."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, fields: Mapping[str, object]) -> None:
        """Write one object."""
        self._stream.write(json.dumps(fields, ensure_ascii=False) + "\n")


class CsvWriter:
    """Writes CSV with a header."""

    def __init__(self, stream: TextIO, columns: Sequence[str]) -> None:
        self._writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
        self._writer.writeheader()

    def write(self, fields: Mapping[str, object]) -> None:
        """Write one row."""
        self._writer.writerow(fields)


def is_json(first: str, name: str) -> bool:
    """Return whether a file is JSON lines, by its name or else by its first character."""
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return True
    return not name.endswith(".csv") and first.lstrip().startswith("{")


def read_lines(stream: TextIO, *, json_lines: bool) -> Iterator[Line]:
    """Yield the rows of a file; HeaderWrong for CSV without a header of the known fields."""
    return _read_json(stream) if json_lines else _read_csv(stream)


def reject_writer(stream: TextIO, *, json_lines: bool) -> RowWriter:
    """Return what writes rejected rows: as they came, and the reason."""
    return JsonWriter(stream) if json_lines else CsvWriter(stream, [*FIELDS, REASON])


def _read_json(stream: TextIO) -> Iterator[Line]:
    while text := stream.readline(MAX_LINE):
        rest = text
        while len(rest) == MAX_LINE and not rest.endswith("\n"):
            rest = stream.readline(MAX_LINE)
        if rest is not text:
            yield Line({}, "the line is too long")
        elif text.strip():
            yield _parse_json(text)


def _parse_json(text: str) -> Line:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Line({}, "the line should be one JSON object", text.strip())
    if not isinstance(found, dict):
        return Line({}, "the line should be one JSON object", text.strip())
    return Line(found)


def _read_csv(stream: TextIO) -> Iterator[Line]:
    reader = csv.DictReader(stream)
    header = reader.fieldnames or []
    if "openid" not in header or not set(header) <= {*FIELDS, REASON}:
        raise HeaderWrong("The first line should name the fields: " + ",".join(FIELDS))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line({}, "the row is no CSV, or a field of it is too long")
            continue
        fields = {name: value for name, value in row.items() if name is not None}
        odd = None in row or None in fields.values()
        yield Line(fields, "the row has another number of fields than the header" if odd else "")


def fields_of(line: Line) -> Mapping[str, object]:
    """Return the fields of a line; Rejected if it could not be read."""
    if line.fault:
        raise Rejected(line.fault)
    return line.fields
