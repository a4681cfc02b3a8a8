"""The workbook of an edition: every number, and formulas from raw value to rank."""

from suanli.workbook.book import write_workbook

__all__ = ["write_workbook"]
