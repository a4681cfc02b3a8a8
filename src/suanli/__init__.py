"""Suanli Atlas: the comprehensive computing power evaluation, redone, tested and mapped."""

__version__ = "0.1.0"
