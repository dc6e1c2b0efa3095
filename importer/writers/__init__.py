"""What the program writes for people and other programs: the report's files and the templates."""

from importer.writers.drafts import prepare_folder
from importer.writers.report_files import ReportFiles

__all__ = ["ReportFiles", "prepare_folder"]
