"""The shipped boundary layers: load, describe, build, verify."""
