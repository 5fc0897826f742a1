"""Bytes of a text file turned into text, with the encoding named."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from surveysem.data.wording import listed
from surveysem.errors import InputFileError, Problem

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SEVERAL_BYTES = re.compile(rb"[\xC2-\xDF][\x80-\xBF]|[\xE0-\xEF][\x80-\xBF]{2}|[\xF0-\xF4][\x80-\xBF]{3}")
_HIGH = re.compile(rb"[\x80-\xFF]")
_WORD = re.compile(r"\w*[^\W\d_a-zA-Z]\w*")
_SAMPLE = 4096
_SAVE_AS_UTF8 = (
    'Save the file as UTF-8: in Excel choose "CSV UTF-8 (comma delimited)", in LibreOffice the character set '
    '"Unicode (UTF-8)", and export again from the survey software if letters look wrong; or name the encoding.'
)


class DecodedText(NamedTuple):
    """Text, the name of its encoding, and a remark where the encoding was inferred; else empty."""

    text: str
    encoding: str
    remark: str = ""


def decoded_text(content: bytes, source: str, *, encoding: str | None = None) -> DecodedText:
    """Text of a file in UTF-8, UTF-16, UTF-32 or Windows-1252.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its path, for messages.
    encoding : str, optional
        Encoding to use instead of the one detected.

    Returns
    -------
    DecodedText
        A file without a byte order mark that is not UTF-8 is taken for Windows-1252 (which contains Latin-1's
        letters); the remark shows words to judge that by.

    Raises
    ------
    InputFileError
        When the bytes are not text in that encoding, or mix two encodings.

    Examples
    --------
    >>> decoded_text("não".encode("cp1252"), "answers.csv").text
    'não'
    """
    if encoding is not None:
        return DecodedText(_strictly(content, source, encoding), encoding)
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return DecodedText(_strictly(content, source, codec), name)
    wide = _wide_codec(content)
    if wide:
        remark = "The file has no byte order mark; its zero bytes are those of UTF-16."
        return DecodedText(_strictly(content, source, wide), "UTF-16", remark)
    try:
        return DecodedText(content.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        return _eight_bit(content, source, error.start)


def _strictly(content: bytes, source: str, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError:
        found = f"there is no encoding {encoding!r}"
        remedy = "Name one that Python knows, such as utf-8, utf-16, cp1252 or latin-1."
        raise InputFileError(
            f"{source} was not read.", [Problem(where="encoding", found=found, remedy=remedy)]
        ) from None
    except UnicodeError as error:
        found = f"the file is not {encoding} text: {error.reason if isinstance(error, UnicodeDecodeError) else error}"
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise _not_text(source, f"{source}, line {_line(content, start)}", found) from None


def _wide_codec(content: bytes) -> str:
    """The UTF-16 codec of a file without a mark, told by zeros in every other byte; empty if it is another."""
    sample = content[:_SAMPLE]
    if len(content) % 2 or len(sample) < 4:
        return ""
    for codec, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros.count(0) > 0.7 * len(zeros):
            return codec
    return ""


def _eight_bit(content: bytes, source: str, start: int) -> DecodedText:
    sequence = _SEVERAL_BYTES.search(content)
    if sequence:
        found = (
            f"letters in two encodings: UTF-8 in line {_line(content, sequence.start())}, "
            f"another from line {_line(content, start)} (byte {start + 1}, 0x{content[start]:02X})"
        )
        remedy = "Export each part again as UTF-8 before joining them; or name the encoding if one holds throughout."
        raise _not_text(source, f"{source}, line {_line(content, start)}", found, remedy)
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        found = f"byte {error.start + 1} (0x{content[error.start]:02X}) is neither UTF-8 nor Windows-1252 text"
        raise _not_text(source, f"{source}, line {_line(content, error.start)}", found) from None
    words = list(dict.fromkeys(_WORD.findall(text)))
    shown = f" Check these words: {listed(words, limit=6)}." if words else ""
    remark = (
        f"The file is not UTF-8; it was read as Windows-1252 (Latin-1).{shown} If they are wrong, name the encoding."
    )
    return DecodedText(text, "Windows-1252", remark)


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _not_text(source: str, where: str, found: str, remedy: str = _SAVE_AS_UTF8) -> InputFileError:
    return InputFileError(
        f"{source} is not text in one known encoding.", [Problem(where=where, found=found, remedy=remedy)]
    )
