"""What every table of the configuration has in common, and the kinds of values that several have."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from clearway.plug import InvalidHeaderError
from clearway.plug.headers import encode_name, encode_value

__all__ = [
    "Bytes",
    "Count",
    "EnvName",
    "FileName",
    "HeaderName",
    "HeaderValue",
    "Seconds",
    "Section",
    "Texts",
    "one_or_more",
]

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Bytes = Annotated[int, Field(ge=1)]

# POSIX 8.1 names variables in capitals. Held here because a secret that stands in the place of its
# variable's name is then refused before anything can print it.
_ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


def one_or_more(value: object) -> object:
    """Return `value` as a list if it is one text."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise ValueError("must be a text or a list of texts")
    return value


def _env_name(name: str) -> str:
    if not _ENV_NAME.fullmatch(name):
        raise ValueError("is not the name of an environment variable, in capitals")
    return name


def _header_name(name: str) -> str:
    try:
        encode_name(name)
    except InvalidHeaderError as error:
        raise ValueError("is not a header name") from error
    return name


def _header_value(value: str) -> str:
    try:
        encode_value("", value)
    except InvalidHeaderError as error:
        raise ValueError("holds a character that a header cannot carry") from error
    return value


def _file_name(name: str) -> str:
    if not name or "\0" in name:
        raise ValueError("is not the name of a file")
    return name


Texts = Annotated[list[str], Field(min_length=1), BeforeValidator(one_or_more)]
EnvName = Annotated[str, AfterValidator(_env_name)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[str, AfterValidator(_header_value)]
FileName = Annotated[str, AfterValidator(_file_name)]


class Section(BaseModel):
    """One table of the configuration: unknown keys are mistakes, and so is a text where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
