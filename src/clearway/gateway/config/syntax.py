"""What is wrong with a document that is not TOML: tomllib's words, made into a sentence with the line."""

from __future__ import annotations

import re

from clearway.gateway.config.problems import Problem

__all__ = ["syntax_problem"]

_PLACE = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)
# The line at fault is shown, unless it may hold what should not be on a screen.
_SENSITIVE = re.compile(r"secret|passw|token|users|\$2[aby]\$|\$argon2", re.IGNORECASE)
_TWICE = re.compile(r"Cannot declare .* twice")

_SENTENCES = {
    "Illegal character '\\n'": "the text is not closed: a quote is missing before the end of the line",
    "Expected newline or end of document after a statement": "the value ends here: texts stand in quotes",
    "Invalid value": "this is no value: texts stand in quotes",
    "Cannot overwrite a value": "this key was set before",
    "Unterminated string": "the text is not closed: quotes are missing",
}


def syntax_problem(text: str, message: str) -> Problem:
    """Return the problem that tomllib's `message` about `text` describes."""
    found = _PLACE.fullmatch(message)
    what = found["what"] if found else message
    sentence = (
        "this table was declared before" if _TWICE.match(what) else _SENTENCES.get(what, _lowered(what))
    )
    lines = text.splitlines()
    if found is None or found["line"] is None:
        return Problem("", len(lines) or None, f"{sentence}, and the file ends")
    number, column = int(found["line"]), int(found["column"])
    shown = lines[number - 1].expandtabs(1) if number <= len(lines) else ""
    if _SENSITIVE.search(shown):
        return Problem("", number, f"{sentence} (column {column})")
    return Problem("", number, f"{sentence}\n\n    {shown}\n    {' ' * (column - 1)}^")


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
