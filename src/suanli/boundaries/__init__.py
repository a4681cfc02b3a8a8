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
from suanli.boundaries.verification import Check, VerifyReport, verify

__all__ = [
    "Boundaries",
    "Check",
    "Description",
    "Level",
    "VerifyReport",
    "build",
    "describe",
    "load_boundaries",
    "load_bridges",
    "verify",
]
