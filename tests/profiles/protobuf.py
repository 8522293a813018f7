"""profile.proto as Google's protobuf package reads it, from a description that we wrote down by hand.

The table below is a second transcription of the published profile.proto: it shares nothing with the one that
our encoder uses.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

__all__ = ["parse"]

PROTO = """
Profile: repeated ValueType sample_type = 1, repeated Sample sample = 2, repeated Mapping mapping = 3,
 repeated Location location = 4, repeated Function function = 5, repeated string string_table = 6,
 int64 drop_frames = 7, int64 keep_frames = 8, int64 time_nanos = 9, int64 duration_nanos = 10,
 ValueType period_type = 11, int64 period = 12, repeated int64 comment = 13, int64 default_sample_type = 14
ValueType: int64 type = 1, int64 unit = 2
Sample: repeated uint64 location_id = 1, repeated int64 value = 2, repeated Label label = 3
Label: int64 key = 1, int64 str = 2, int64 num = 3, int64 num_unit = 4
Mapping: uint64 id = 1, uint64 memory_start = 2, uint64 memory_limit = 3, uint64 file_offset = 4,
 int64 filename = 5, int64 build_id = 6, bool has_functions = 7, bool has_filenames = 8,
 bool has_line_numbers = 9, bool has_inline_frames = 10
Location: uint64 id = 1, uint64 mapping_id = 2, uint64 address = 3, repeated Line line = 4, bool is_folded = 5
Line: uint64 function_id = 1, int64 line = 2, int64 column = 3
Function: uint64 id = 1, int64 name = 2, int64 system_name = 3, int64 filename = 4, int64 start_line = 5
"""
Field = descriptor_pb2.FieldDescriptorProto
KINDS = {
    "int64": Field.TYPE_INT64,
    "uint64": Field.TYPE_UINT64,
    "bool": Field.TYPE_BOOL,
    "string": Field.TYPE_STRING,
}


def described() -> Any:
    """Return the class of the message Profile, made from `PROTO`."""
    file = descriptor_pb2.FileDescriptorProto(name="profile.proto", package="p", syntax="proto3")
    for line in PROTO.strip().replace("\n ", " ").splitlines():
        name, _, rest = line.partition(": ")
        message = file.message_type.add(name=name)
        for each in rest.split(", "):
            *repeated, kind, field, _, number = each.split()
            added = message.field.add(name=field, number=int(number))
            added.label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
            if kind in KINDS:
                added.type = KINDS[kind]
            else:
                added.type, added.type_name = Field.TYPE_MESSAGE, f".p.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("p.Profile"))


PROFILE = described()


def parse(data: bytes) -> Any:
    """Return the message that plain bytes of profile.proto hold."""
    return PROFILE.FromString(data)
