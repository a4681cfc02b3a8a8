"""Reading and checking the tables users bring."""

from suanli.intake.files import How, Intake, read_file
from suanli.intake.melt import Given
from suanli.intake.table import ANY_YEAR, COLUMNS, IndicatorTable

__all__ = ["ANY_YEAR", "COLUMNS", "Given", "How", "IndicatorTable", "Intake", "read_file"]
