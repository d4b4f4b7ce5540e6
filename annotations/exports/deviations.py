"""The deviations of a reader study's reads, as rows. What is a deviation is said in `annotations.reads`."""

from collections.abc import Iterator
from typing import NamedTuple

from annotations.exports.rows import Row
from annotations.exports.study_data import StudyData
from annotations.reads.deviations import Deviation


class DeviationRow(NamedTuple):
    row: Row
    deviation: Deviation


def deviations_of(data: StudyData) -> Iterator[DeviationRow]:
    """In the order of the reads."""
    for row in data.rows:
        if row.read is not None:
            for one in data.deviations.of(row.assignment, row.read):
                yield DeviationRow(row, one)
