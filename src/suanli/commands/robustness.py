"""The group ``robustness``: how firm a ranking is."""

import typer

from suanli.commands import levers
from suanli.commands.options import help_when_bare
from suanli.text import Text

__all__ = ["register"]


def register(app: typer.Typer, text: Text) -> None:
    """Add the group to the application.

    Parameters
    ----------
    app : typer.Typer
        The application.
    text : Text
        The words of help and output.

    Examples
    --------
    >>> register(typer.Typer(), Text("en"))
    """
    group = typer.Typer(help=text("levers.group"), rich_markup_mode=None)
    help_when_bare(group, text("levers.group"))
    app.add_typer(group, name="robustness")
    levers.register(group, text)
