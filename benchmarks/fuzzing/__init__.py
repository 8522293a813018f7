"""The parts of benchmarks.fuzz."""
