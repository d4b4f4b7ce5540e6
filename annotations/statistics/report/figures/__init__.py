"""Vega-Lite specifications with their data inside. No colours for text or background: a theme gives them.

One specification becomes the picture on the page, the SVG and the PNG.
"""

from annotations.statistics.report.figures.cases import example_pictures, volumes
from annotations.statistics.report.figures.quality import bland_altman, box_plots, deciles
from annotations.statistics.report.figures.scores import agreement_matrix, stacked_rows
from annotations.statistics.report.figures.times import forest, paired_times

__all__ = [
    "agreement_matrix",
    "bland_altman",
    "box_plots",
    "deciles",
    "example_pictures",
    "forest",
    "paired_times",
    "stacked_rows",
    "volumes",
]
