"""From rows to a report: `analyse(data)`, then `write_report(report, folder)`."""

from annotations.statistics.report.analyse import analyse
from annotations.statistics.report.controls import example_cases
from annotations.statistics.report.tables import Report
from annotations.statistics.report.write import write_report

__all__ = ["Report", "analyse", "example_cases", "write_report"]
