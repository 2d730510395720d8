"""`--watch`: the verdict, again and again, on one screen."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from operations.failures import CannotRun
from operations.monitor.render import text
from operations.monitor.verdict import EXIT_CODE, Verdict


def watch(look: Callable[[], Verdict], every: float, console: Console | None = None) -> int:
    """Show what `look` finds until Ctrl-C; returns the exit code of the last look.

    What cannot be told now is shown in place of the verdict, and the next look tries again.
    """
    code = EXIT_CODE["unknown"]
    try:
        with Live(console=console or Console(), auto_refresh=False, vertical_overflow="ellipsis") as live:
            while True:
                try:
                    verdict = look()
                    code, shown = verdict.exit_code, text(verdict)
                except CannotRun as error:
                    code, shown = EXIT_CODE["unknown"], f"{error.format_message()}\n"
                live.update(Text(f"{shown}\nagain in {every:g} s; Ctrl-C ends"), refresh=True)
                time.sleep(every)
    except KeyboardInterrupt:
        return code
