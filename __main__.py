"""The front door: `python -m workings` is the command `workings`."""

from workings.agent.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
