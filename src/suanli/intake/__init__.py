"""Reading and checking the tables users bring."""

from suanli.intake.reader import read_table
from suanli.intake.survey import Survey, survey
from suanli.intake.table import ANY_YEAR, COLUMNS, IndicatorTable

__all__ = ["ANY_YEAR", "COLUMNS", "IndicatorTable", "Survey", "read_table", "survey"]
