"""Run the command line as a module: ``python -m fusionscope_app.cli``."""

from fusionscope_app.cli import main

main()
