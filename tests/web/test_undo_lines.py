"""The page shows every contact of an undo, whatever became of it."""

from importer.model import Status
from importer.web.import_views import UNDO_FILTERS


def test_no_line_of_an_undo_is_missing():
    shown = [status for statuses in UNDO_FILTERS.values() for status in statuses]
    assert sorted(shown) == sorted({*Status} - {Status.INVALID})
