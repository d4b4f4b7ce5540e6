"""reads_long.csv alone, without what a whole package loads."""

from pathlib import Path

from annotations.exports.formats.csv_file import CsvWriter
from annotations.exports.study_data import StudyData
from annotations.exports.tables import tables_of


def quick_scores(data: StudyData, path: Path) -> None:
    """As in the package, and masked as there."""
    table = next(one for one in tables_of(data) if one.name == "reads_long")
    writer = CsvWriter(path, table)
    for values in table.values():
        writer.write(values)
    writer.close()
