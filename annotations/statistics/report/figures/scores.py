"""Rows of Table 1: their shares, and how two sources agree."""

from collections.abc import Sequence

from annotations.statistics.report.figures.base import Row, make_spec
from annotations.statistics.report.tables import Spec

ROW_COLOURS = ["#2c7bb6", "#abd9e9", "#ffffbf", "#fdae61", "#d7191c"]


def stacked_rows(rows: Sequence[Row], sources: Sequence[str]) -> Spec:
    """rows: source, row (1-5), meaning, count, share, start, end (shares), label."""
    y = {
        "field": "source",
        "type": "nominal",
        "sort": list(sources),
        "title": None,
        "axis": {"labelLimit": 220},
    }
    colour = {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": [1, 2, 3, 4, 5], "range": ROW_COLOURS},
        "legend": {"title": "Table 1 row", "orient": "bottom"},
    }
    bars = {
        "mark": {"type": "bar", "height": 30, "stroke": "#555", "strokeWidth": 0.5},
        "encoding": {
            "y": y,
            "x": {
                "field": "start",
                "type": "quantitative",
                "title": "Share of reads",
                "axis": {"format": "%"},
                "scale": {"domain": [0, 1]},
            },
            "x2": {"field": "end"},
            "color": colour,
            "tooltip": [{"field": name} for name in ("source", "row", "meaning", "label")],
        },
    }
    # Dark rows carry white figures, light rows black ones, on either theme.
    words = {
        "mark": {"type": "text", "fontWeight": "bold", "fontSize": 12},
        "encoding": {
            "y": y,
            "x": {"field": "middle", "type": "quantitative"},
            "text": {"field": "count", "type": "quantitative"},
            "color": {
                "condition": {"test": "datum.row == 1 || datum.row == 5", "value": "#fff"},
                "value": "#111",
            },
        },
    }
    return make_spec(rows, {"width": 460, "height": {"step": 46}, "layer": [bars, words]})


def agreement_matrix(rows: Sequence[Row], first: str, second: str) -> Spec:
    """rows: first, second (1-5), count: a square of counts, darker is more."""
    axes = {
        "x": {"field": "second", "type": "ordinal", "title": second, "axis": {"labelAngle": 0}},
        "y": {"field": "first", "type": "ordinal", "title": first},
    }
    top = max((int(row["count"]) for row in rows), default=1) or 1
    cells = {
        "mark": {"type": "rect", "stroke": "#8888", "strokeWidth": 0.5},
        "encoding": {
            **axes,
            "color": {
                "field": "count",
                "type": "quantitative",
                "legend": None,
                "scale": {"domain": [0, top], "scheme": "blues"},
            },
        },
    }
    words = {
        "mark": {"type": "text", "fontSize": 13},
        "encoding": {
            **axes,
            "text": {"field": "count"},
            "color": {"condition": {"test": f"datum.count > {top / 2}", "value": "#fff"}, "value": "#111"},
        },
    }
    return make_spec(rows, {"width": 240, "height": 240, "layer": [cells, words]})
