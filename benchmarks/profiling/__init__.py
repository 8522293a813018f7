"""What a profiler costs, and how true its numbers are: the parts of `python -m benchmarks.pprof`."""
