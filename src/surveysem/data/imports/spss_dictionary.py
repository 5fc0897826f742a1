"""The dictionary of an SPSS file, checked before the file is read: the reader ends the whole program at damage here."""

from __future__ import annotations

import struct
from collections.abc import Callable

_HEADER = 176  # bytes
_DOCUMENT_LINE = 80
_LAYOUT = slice(64, 68)
_END = 999
_TAKEN_BY_CONTINUATION = -1
_LONGEST_STRING = 255


class _Cursor:
    """A place in the file that moves on with each whole number read, and never beyond the end."""

    def __init__(self, content: bytes, order: str) -> None:
        self.content, self.order, self.position = content, order, _HEADER

    def whole_number(self) -> int:
        start = self.position
        self.skip(4)
        return int.from_bytes(
            self.content[start : self.position], "little" if self.order == "<" else "big", signed=True
        )

    def byte(self) -> int:
        self.skip(1)
        return self.content[self.position - 1]

    def skip(self, count: int) -> None:
        if not 0 <= count <= len(self.content) - self.position:
            raise ValueError(f"a record at byte {self.position + 1:,} claims {count:,} bytes")
        self.position += count


def check_spss_dictionary(content: bytes) -> None:
    """Raise a ValueError where the records that describe the variables contradict each other or pass the end.

    Parameters
    ----------
    content : bytes
        A file that begins as SPSS files do (``$FL2`` or ``$FL3``).

    Notes
    -----
    After a header of 176 bytes come records, each begun by its type as a whole number of 4 bytes: 2 a variable (longer
    strings take several), 3 value labels, 4 the variables they belong to, 6 documents, 7 extensions, 999 the end.

    Examples
    --------
    >>> check_spss_dictionary(b"$FL2" + bytes(200))
    Traceback (most recent call last):
    ...
    ValueError: the header names no known byte order
    """
    cursor = _Cursor(content, _byte_order(content))
    n_variables, kind = 0, cursor.whole_number()
    while kind != _END:
        if kind == 2:
            _variable(cursor)
            n_variables += 1
        elif kind == 4:
            _labelled_variables(cursor, n_variables)
        elif kind in _RECORDS:
            _RECORDS[kind](cursor)
        else:
            raise ValueError(f"a record of unknown type {kind} ends at byte {cursor.position:,}")
        kind = cursor.whole_number()
    if not n_variables:
        raise ValueError("no variable is described")


def _byte_order(content: bytes) -> str:
    for order in "<>":
        if len(content) > _HEADER and struct.unpack(f"{order}i", content[_LAYOUT])[0] in (2, 3):
            return order
    raise ValueError("the header names no known byte order")


def _variable(cursor: _Cursor) -> None:
    width, has_label, n_missing = (cursor.whole_number() for _ in range(3))
    if not _TAKEN_BY_CONTINUATION <= width <= _LONGEST_STRING or has_label not in (0, 1) or abs(n_missing) > 3:
        raise ValueError(f"a variable is described before byte {cursor.position:,} as none can be")
    cursor.skip(16)  # formats and name
    if has_label:
        length = cursor.whole_number()
        cursor.skip(length + -length % 4)
    cursor.skip(8 * abs(n_missing))


def _value_labels(cursor: _Cursor) -> None:
    for _ in range(_count(cursor)):
        cursor.skip(8)
        length = cursor.byte()
        cursor.skip(length + -(length + 1) % 8)


def _labelled_variables(cursor: _Cursor, n_variables: int) -> None:
    for _ in range(_count(cursor)):
        place = cursor.whole_number()
        if not 1 <= place <= n_variables:
            raise ValueError(f"labels belong to variable {place} of {n_variables}")


def _count(cursor: _Cursor) -> int:
    count = cursor.whole_number()
    if count < 0:
        raise ValueError(f"a record at byte {cursor.position:,} has {count} entries")
    return count


def _documents(cursor: _Cursor) -> None:
    cursor.skip(_count(cursor) * _DOCUMENT_LINE)


def _extension(cursor: _Cursor) -> None:
    _, size, count = (cursor.whole_number() for _ in range(3))
    if size < 0 or count < 0:
        raise ValueError(f"an extension at byte {cursor.position:,} has a negative size")
    cursor.skip(size * count)


_RECORDS: dict[int, Callable[[_Cursor], None]] = {3: _value_labels, 6: _documents, 7: _extension}
