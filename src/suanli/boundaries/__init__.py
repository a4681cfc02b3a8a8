"""The shipped boundary layers: load, describe, build, verify."""

from suanli.boundaries.build import build
from suanli.boundaries.loading import (
    Boundaries,
    Description,
    Level,
    describe,
    load_boundaries,
    load_bridges,
)

__all__ = [
    "Boundaries",
    "Description",
    "Level",
    "build",
    "describe",
    "load_boundaries",
    "load_bridges",
]
