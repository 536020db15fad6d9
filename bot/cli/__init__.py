"""The command line: `rollcall demo | run | tick | import | check | doctor | migrate | manifest | digest | shown`."""

from bot.cli.main import main

__all__ = ["main"]
