"""The field numbers of profile.proto, message by message, each with its type."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "FunctionField",
    "LabelField",
    "LineField",
    "LocationField",
    "MappingField",
    "ProfileField",
    "SampleField",
    "ValueTypeField",
]


class ProfileField(IntEnum):
    """The message that a file holds. A "string" is an index into the string table."""

    SAMPLE_TYPE = 1  # repeated ValueType
    SAMPLE = 2  # repeated Sample
    MAPPING = 3  # repeated Mapping
    LOCATION = 4  # repeated Location
    FUNCTION = 5  # repeated Function
    STRING_TABLE = 6  # repeated string; the first one is ""
    TIME_NANOS = 9  # int64
    DURATION_NANOS = 10  # int64
    PERIOD_TYPE = 11  # ValueType
    PERIOD = 12  # int64
    COMMENT = 13  # repeated int64 (string)
    DEFAULT_SAMPLE_TYPE = 14  # int64 (string)


class ValueTypeField(IntEnum):
    """What a number counts."""

    TYPE = 1  # int64 (string)
    UNIT = 2  # int64 (string)


class SampleField(IntEnum):
    """One stack with its numbers."""

    LOCATION_ID = 1  # repeated uint64, leaf first
    VALUE = 2  # repeated int64
    LABEL = 3  # repeated Label


class LabelField(IntEnum):
    """One key of a sample: `STR`, or else `NUM` with `NUM_UNIT`."""

    KEY = 1  # int64 (string)
    STR = 2  # int64 (string)
    NUM = 3  # int64
    NUM_UNIT = 4  # int64 (string)


class MappingField(IntEnum):
    """A file that was mapped into memory. A Python program has one that stands for all."""

    ID = 1  # uint64
    FILENAME = 5  # int64 (string)
    HAS_FUNCTIONS = 7  # bool
    HAS_FILENAMES = 8  # bool
    HAS_LINE_NUMBERS = 9  # bool


class LocationField(IntEnum):
    """A place in the code; several lines where functions were inlined, the innermost one first."""

    ID = 1  # uint64
    MAPPING_ID = 2  # uint64
    ADDRESS = 3  # uint64
    LINE = 4  # repeated Line


class LineField(IntEnum):
    """A line of a function."""

    FUNCTION_ID = 1  # uint64
    LINE = 2  # int64


class FunctionField(IntEnum):
    """A function; its system name is the one before demangling, which Python has no need of."""

    ID = 1  # uint64
    NAME = 2  # int64 (string)
    SYSTEM_NAME = 3  # int64 (string)
    FILENAME = 4  # int64 (string)
    START_LINE = 5  # int64
