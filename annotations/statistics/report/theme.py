"""The look of figures on paper: white, one font, hairline axes. The page has a dark theme of its own."""

from typing import Any

FONT = "Roboto, Helvetica, Arial, sans-serif"  # Roboto comes with the renderer: the same on every machine
INK, QUIET, GRID = "#1a1a1a", "#6b7280", "#e3e6ea"

LIGHT: dict[str, Any] = {
    "background": "#ffffff",
    "font": FONT,
    "padding": 12,
    "view": {"stroke": None},
    "title": {
        "anchor": "start",
        "fontSize": 14,
        "fontWeight": 600,
        "color": INK,
        "subtitleColor": QUIET,
        "subtitleFontSize": 11,
        "offset": 12,
    },
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "gridColor": GRID,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "titlePadding": 8,
    },
    "axisX": {"grid": False},
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "titleFontSize": 11},
    "header": {"labelColor": INK, "labelFontSize": 12, "labelFontWeight": 600},
    "style": {
        "quiet": {"stroke": QUIET, "color": QUIET},
        "strong": {"stroke": INK, "color": INK},
        "label": {"fill": INK, "color": INK},
        "median": {"stroke": INK, "color": INK},
        "outlier": {"stroke": INK, "fill": "transparent"},
    },
}


def themed(spec: dict[str, Any]) -> dict[str, Any]:
    return {**spec, "config": LIGHT}
