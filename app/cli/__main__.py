"""The command line without its installed name: ``python -m app.cli``."""

from app.cli import main

main()
