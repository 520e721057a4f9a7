"""Command line: each command prints readable text or, with --json, one JSON object.

Commands import torch and other large packages only when they run, so that ``--help`` is fast. Each
file defines one or two commands; importing it adds them to ``cli``, in the order of --help.
"""

# isort: off
from fusionscope_app.cli import serve  # noqa: F401
from fusionscope_app.cli import models  # noqa: F401
from fusionscope_app.cli import run  # noqa: F401
from fusionscope_app.cli import describe  # noqa: F401
from fusionscope_app.cli import evaluate  # noqa: F401
from fusionscope_app.cli import fuse  # noqa: F401
from fusionscope_app.cli import import_scores  # noqa: F401
from fusionscope_app.cli.predictions import export_fiftyone  # noqa: F401
from fusionscope_app.cli.predictions import slices  # noqa: F401
from fusionscope_app.cli.data_sets import prepare  # noqa: F401
from fusionscope_app.cli.learning import train  # noqa: F401
from fusionscope_app.cli.learning import teach  # noqa: F401
from fusionscope_app.cli.learning import lessons  # noqa: F401
from fusionscope_app.cli import import_mat  # noqa: F401
from fusionscope_app.cli import bench  # noqa: F401
from fusionscope_app.cli import doctor  # noqa: F401
from fusionscope_app.cli.shell import cli, main

# isort: on

__all__ = ["cli", "main"]
