"""What pyproject.toml has no settled way to say yet: the C extensions.

C stands in `_native/` beside the Python that owns it; a .pyi of the module's name says what it offers.
"""

from glob import glob

from setuptools import Extension, setup


def extension(module: str, native: str) -> Extension:
    """Return the extension `module`, made of every C file in the folder `native`."""
    return Extension(
        module,
        sorted(glob(f"{native}/*.c")),
        depends=sorted(glob(f"{native}/*.h")),
        extra_compile_args=["-std=gnu11", "-fvisibility=hidden", "-ftls-model=initial-exec"],
    )


setup(
    ext_modules=[
        extension("clearway.http._messages", "src/clearway/http/_native"),
        extension("clearway.plug._values", "src/clearway/plug/_native"),
        extension("clearway.pprof._sampler", "src/clearway/pprof/_native"),
        extension("clearway.sched._nesting", "src/clearway/sched/_native"),
    ]
)
