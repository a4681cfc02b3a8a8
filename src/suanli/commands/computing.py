"""Options of commands that can compute on other workers."""

from typing import Any

import typer

from suanli.text import Text

__all__ = ["ComputingOptions"]


class ComputingOptions:
    """Where to compute, as defaults of command parameters, with help in one language.

    Parameters
    ----------
    text : Text
        The words of the help.

    Examples
    --------
    >>> ComputingOptions(Text("en")).scheduler.metavar
    'ADDRESS'
    """

    def __init__(self, text: Text) -> None:
        words = text("workers.option_workers")
        self.workers: Any = typer.Option(
            None, "--workers", help=words, show_default=False, min=1, max=256
        )
        words = text("workers.option_scheduler")
        self.scheduler: Any = typer.Option(
            None, "--scheduler", help=words, show_default=False, metavar="ADDRESS"
        )
