"""The commands: each module registers its own on the application."""

import typer

from suanli.commands import boundaries, doctor, lists, setup, stages
from suanli.commands import run as run_command
from suanli.text import Text

__all__ = ["build"]


def build(text: Text) -> typer.Typer:
    """Build the application in one language.

    Parameters
    ----------
    text : Text
        The words of help and output.

    Returns
    -------
    typer.Typer
        The application; nothing heavy is imported before a command runs.

    Examples
    --------
    >>> build(Text("en")).info.help
    "Score, test, map and export China's computing power by province and prefecture city."
    """
    app = typer.Typer(
        help=text("cli.help"),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    for module in (run_command, setup, stages, boundaries, lists, doctor):
        module.register(app, text)
    return app
