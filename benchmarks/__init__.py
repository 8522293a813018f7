"""Every number Clearway publishes has its script here; see README.md for the commands."""
