"""The workbook of an edition: every number, and formulas from raw value to rank."""
