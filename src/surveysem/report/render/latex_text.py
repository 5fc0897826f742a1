"""Text as LaTeX that pdfLaTeX sets as it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from surveysem.report.inline import Citation, Code, Inline, Strong, Symbol, Text

_GREEK = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma sigma tau upsilon "
    "varphi chi psi omega"
)
_GREEK_CAPITALS = "A B Gamma Delta E Z H Theta I K Lambda M N Xi O Pi P - Sigma T Upsilon Phi X Psi Omega"
_ASCII = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
}
_MATHEMATICS = {
    "−": "-",
    "×": r"\times",
    "·": r"\cdot",
    "±": r"\pm",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "≡": r"\equiv",
    "→": r"\rightarrow",
    "←": r"\leftarrow",
    "↔": r"\leftrightarrow",
    "↑": r"\uparrow",
    "↓": r"\downarrow",
    "⇒": r"\Rightarrow",
    "√": r"\surd",
    "∞": r"\infty",
    "∑": r"\sum",
    "∏": r"\prod",
    "∈": r"\in",
    "∂": r"\partial",
    "∼": r"\sim",
    "∆": r"\Delta",
    "µ": r"\mu",
    "ϕ": r"\phi",
    "ϑ": r"\vartheta",
    "ε": r"\varepsilon",
}
_WORDS = {
    "\u00a0": "~",
    "\u202f": r"\,",
    "\u2009": r"\,",
    "\u2007": r"\phantom{0}",
    "\u00ad": r"\-",
    "\u200b": r"\hspace{0pt}",
    "‐": "-",
    "‑": "-",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\ldots{}",
    "•": r"\textbullet{}",
    "†": r"\textdagger{}",
    "‡": r"\textdaggerdbl{}",
    "€": r"\texteuro{}",
    "™": r"\texttrademark{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "‚": r"\quotesinglbase{}",
    "„": r"\quotedblbase{}",
    "‹": r"\guilsinglleft{}",
    "›": r"\guilsinglright{}",
}
_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0326": "textcommabelow",
    "\u0327": "c",
    "\u0328": "k",
    "\u0331": "b",
}
_INVISIBLE = frozenset("\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufe0f")
_NOT_IN_T1 = frozenset("¸ĦħĸĿŀŉŦŧſ")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ", "0123456789+-ni")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₙ", "0123456789+-ijkn")
_ADDRESS = re.compile(r"(https?://[^\s<>]+)")
_AUTHORS_YEAR = re.compile(r"(.+) \(([^()]+)\)")
_LONG_CODE = 12
LONGEST_WORD = 40


def _greek() -> dict[str, str]:
    small = {chr(0x3B1 + place): name for place, name in enumerate(_GREEK.split())}
    capitals = {chr(0x391 + place): name for place, name in enumerate(_GREEK_CAPITALS.split()) if name != "-"}
    named = {sign: name if name == "o" else f"\\{name}" for sign, name in small.items()}
    return named | {sign: f"\\mathrm{{{n}}}" if len(n) == 1 else f"\\{n}" for sign, n in capitals.items()}


_SIGNS = _ASCII | _WORDS | {sign: rf"\ensuremath{{{name}}}" for sign, name in (_greek() | _MATHEMATICS).items()}


def escape_latex(text: str, longest: int = LONGEST_WORD) -> str:
    r"""Text that LaTeX sets as it stands, on one line; a blank at an end is kept.

    Letters of scripts that pdfLaTeX has no fonts for are kept inside ``\otherscript{name}{letters}``, which prints
    the name of the script in brackets. A word of more than ``longest`` characters may be broken anywhere.

    Examples
    --------
    >>> print(escape_latex("50 % of a_b & β ≤ .05"))
    50 \% of a\_b \& \ensuremath{\beta} \ensuremath{\le} .05
    >>> print(escape_latex("Ünal–Čech"), escape_latex("שלום"))
    Ünal\textendash{}Čech \otherscript{Hebrew script}{שלום}
    """
    line = re.sub("[ \t\n\r\f\v]+", " ", unicodedata.normalize("NFC", text))
    pieces = [_character(character) for character in line]
    for word in re.finditer(rf"\S{{{longest + 1},}}", line):
        for inside in range(word.start(), word.end() - 1):
            pieces[inside] = None if pieces[inside] is None else rf"{pieces[inside]}\allowbreak{{}}"
    made, place = [], 0
    while place < len(pieces):
        end = _end_of_run(pieces, place)
        made.append(_other_script(line[place:end]) if end > place else str(pieces[place]))
        place = max(end, place + 1)
    return re.sub(r"([-,'])(?=\1)", r"\1{}", "".join(made))


def _end_of_run(pieces: list[str | None], start: int) -> int:
    """End of the letters without a font that start at a place, blanks between them included."""
    end = place = start
    while place < len(pieces) and (pieces[place] is None or (pieces[place] == " " and place > start)):
        place += 1
        end = place if pieces[place - 1] is None else end
    return end


def _other_script(letters: str) -> str:
    names = dict.fromkeys(_script(letter) for letter in letters if letter != " ")
    shown = "".join(letter if ord(letter) >= 0xA0 or letter == " " else "\ufffd" for letter in letters)
    return rf"\otherscript{{{', '.join(names)}}}{{{shown}}}"


def _script(character: str) -> str:
    """Script of a letter, by the first word of its name; code point of any other sign."""
    if unicodedata.category(character)[0] not in "LM":
        return f"U+{ord(character):04X}"
    name = unicodedata.name(character, "unknown").split()[0]
    return f"{name if name == 'CJK' else name.capitalize()} script"


def _character(character: str) -> str | None:
    """A character as LaTeX; None without a font for it."""
    if character in _SIGNS:
        return _SIGNS[character]
    if character in _INVISIBLE:
        return ""
    if " " <= character <= "~" or ("¡" <= character <= "ſ" and character not in _NOT_IN_T1 and character not in "¹²³"):
        return character
    for table, command in ((_SUPERSCRIPTS, "textsuperscript"), (_SUBSCRIPTS, "textsubscript")):
        if ord(character) in table:
            return rf"\{command}{{{character.translate(table)}}}"
    return _accented(character)


def _accented(character: str) -> str | None:
    parts = unicodedata.normalize("NFD", character)
    base, marks = parts[0], parts[1:]
    if not marks or not base.isascii() or any(mark not in _ACCENTS for mark in marks):
        return None
    above = _ACCENTS[marks[0]] not in ("d", "c", "k", "b", "textcommabelow")
    made = {"i": r"\i", "j": r"\j"}.get(base, base) if above else base
    for mark in marks:
        made = rf"\{_ACCENTS[mark]}{{{made}}}"
    return made


def pdf_text(text: str) -> str:
    """Text for the properties of a PDF, as the octal codes of UTF-16, which hold every script.

    Examples
    --------
    >>> print(pdf_text("β"))
    \\string\\376\\string\\377\\string\\003\\string\\262
    """
    line = " ".join(text.split())
    return "".join(rf"\string\{byte:03o}" for byte in b"\xfe\xff" + line.encode("utf-16-be", "replace"))


def inline_latex(text: Text, cited: Collection[str]) -> str:
    """Sentences as LaTeX; works among ``cited`` are cited by their key."""
    return "".join(_inline(part, cited) for part in text).strip()


def _inline(part: Inline, cited: Collection[str]) -> str:
    match part:
        case Symbol():
            return rf"\textit{{{escape_latex(part.text)}}}"
        case Strong():
            return rf"\textbf{{{escape_latex(part.text)}}}"
        case Code():
            return rf"\texttt{{{_code(part.text)}}}"
        case Citation():
            return citation(part, cited)
    return linked_latex(part)


def _code(text: str) -> str:
    """A name or hash; a long one may be broken anywhere."""
    letters = [escape_latex(letter) for letter in text]
    return (r"\allowbreak{}" if len(text) > _LONG_CODE else "").join(letters)


def citation(work: Citation, cited: Collection[str]) -> str:
    """A work cited by its words, with its key where the bibliography holds it."""
    words = escape_latex(work.text)
    return rf"\cited{{{work.key}}}{{{words}}}" if work.key in cited else words


def citation_label(work: Citation) -> str:
    """Label by which natbib cites a work: authors, and year in parentheses without a blank before them."""
    match = _AUTHORS_YEAR.fullmatch(work.text)
    return f"{escape_latex(match[1])}({escape_latex(match[2])})" if match else f"{escape_latex(work.text)}()"


def linked_latex(text: str) -> str:
    """Text whose web addresses are links."""
    made = []
    for position, piece in enumerate(_ADDRESS.split(text)):
        address = piece.rstrip(".,;)") if position % 2 else ""
        made += [_link(address) if address else "", escape_latex(piece[len(address) :])]
    return "".join(made)


def _link(address: str) -> str:
    return rf"\href{{{re.sub(r'([%#&~_{}$^])', _escaped, address)}}}{{{_breaks(address)}}}"


def _escaped(match: re.Match[str]) -> str:
    return rf"\string{match[0]}" if match[0] in "~^" else rf"\{match[0]}"


def _breaks(address: str) -> str:
    """An address that may be broken behind a slash, point or hyphen."""
    return r"\allowbreak{}".join(escape_latex(part) for part in re.split(r"(?<=[/.-])(?=[^/])", address))
