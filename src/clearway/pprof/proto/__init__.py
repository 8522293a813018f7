"""profile.proto, gzip'd: the format that `go tool pprof`, Pyroscope and Parca read.

data = encode(lookup("heap").snapshot())
assert decode(data).default_sample_type == "inuse_space"
"""

from __future__ import annotations

from clearway.pprof.proto.decoder import decode
from clearway.pprof.proto.encoder import encode

__all__ = ["decode", "encode"]
