"""`python -m bot` is `rollcall`."""

from bot.cli.main import main

if __name__ == "__main__":
    main()
