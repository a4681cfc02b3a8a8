"""The commands: each module registers its own on the application."""

from importlib.metadata import version
from typing import Annotated, Any

import typer

from suanli.commands import (
    boundaries,
    diagnose,
    doctor,
    export,
    latency,
    lists,
    mapping,
    robustness,
    setup,
    spatial,
    stages,
    template,
    zonal,
)
from suanli.commands import report as report_command
from suanli.commands import run as run_command
from suanli.commands.headings import speak_headings
from suanli.text import Text

__all__ = ["build", "command_of"]


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
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @app.callback(invoke_without_command=True, help=text("cli.help"))
    def top(
        context: typer.Context,
        show_version: Annotated[
            bool, typer.Option("--version", help=text("cli.option.version"), show_default=False)
        ] = False,
    ) -> None:
        if show_version:
            typer.echo(f"suanli-atlas {version('suanli-atlas')}")
            raise typer.Exit
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    shown = (
        run_command,
        setup,
        template,
        stages,
        export,
        mapping,
        report_command,
        spatial,
        diagnose,
        robustness,
        boundaries,
        zonal,
        latency,
        lists,
        doctor,
    )
    for module in shown:
        module.register(app, text)
    return app


def command_of(text: Text) -> Any:
    """Build the application as one command, its option ``--help`` explained in one language.

    Parameters
    ----------
    text : Text
        The words of help and output.

    Returns
    -------
    click.Command
        The command with all commands below it.

    Examples
    --------
    >>> sorted(command_of(Text("en")).commands["list"].commands)
    ['indicators', 'methods', 'profiles', 'statistics']
    """
    command = typer.main.get_command(build(text))
    _explain_help(command, text)
    speak_headings(command, text)
    return command


def _explain_help(command: Any, text: Text) -> None:
    option = command.get_help_option(typer.Context(command))
    if option is not None:
        option.help = text("cli.option.help")
    for child in getattr(command, "commands", {}).values():
        _explain_help(child, text)
