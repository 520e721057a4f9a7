"""Tag store: where the tags of the page's clips are kept, and what they are now."""

from __future__ import annotations

import os
from collections.abc import Mapping

from fusionscope.base import paths
from fusionscope.base.records import InputError
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.review.tag_file import FILE, Review, TagFile, data_key
from fusionscope_app.server import demo_mode
from fusionscope_app.widgets import error_messages


def tag_file() -> TagFile:
    """The file beside the user's predictions; in the cache folder if that may not be written."""
    folder = paths.predictions_folder()
    beside = paths.has_own_predictions() and os.access(folder, os.W_OK)
    return TagFile((folder if beside else paths.cache_folder() / "tags") / FILE)


def reviews_of(trial: HeadTrial) -> Mapping[str, Review]:
    """Clip -> its tags and note; none in demo mode. Shows an error if they cannot be read."""
    if demo_mode.is_demo():
        return {}
    try:
        return tag_file().reviews(data_key(trial.classes))
    except InputError as problem:
        error_messages.show_error(problem)
        return {}
