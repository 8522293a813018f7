"""Servers of one small service, `/health` and `/hog`, for `benchmarks.sched`."""
