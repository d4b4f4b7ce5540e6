"""Reading times by arm, and ratios with their intervals."""

from collections.abc import Sequence

from annotations.statistics.report.figures.base import (
    CATEGORY,
    Row,
    colour_of,
    log_ticks,
    make_spec,
    shape_of,
)
from annotations.statistics.report.tables import Spec


def paired_times(rows: Sequence[Row], medians: Sequence[Row], arms: Sequence[str]) -> Spec:
    """rows: pair, arm, minutes, reader, case. One line a pair; a bar at each arm's median."""
    x = {"field": "arm", "type": "nominal", "sort": list(arms), "title": None, "axis": {"labelAngle": 0}}
    y = {"field": "minutes", "type": "quantitative", "title": "Active reading time (min)"}
    tips = [{"field": name} for name in ("case", "reader", "arm")]
    tips.append({"field": "minutes", "format": ".1f"})
    line = {
        "mark": {"type": "line", "strokeWidth": 1, "opacity": _fade(len(rows) / 2), "style": "quiet"},
        "encoding": {"x": x, "y": y, "detail": {"field": "pair"}},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "size": 42, "opacity": 0.85},
        "encoding": {"x": x, "y": y, "color": colour_of(arms), "shape": shape_of(arms), "tooltip": tips},
    }
    bars = {
        "data": {"values": list(medians)},
        "mark": {"type": "tick", "thickness": 3, "size": 74, "orient": "horizontal", "style": "strong"},
        "encoding": {"x": x, "y": y},
    }
    words = {
        "data": {"values": list(medians)},
        "mark": {"type": "text", "align": "left", "dx": 44, "fontSize": 11, "style": "label"},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
    }
    return make_spec(rows, {"width": {"step": 190}, "height": 300, "layer": [line, dots, bars, words]})


def forest(rows: Sequence[Row], *, title: str, null: float = 1.0) -> Spec:
    """rows: name, estimate, low, high, label: intervals on a log axis, and a line at no effect."""
    names = [row["name"] for row in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 330}}
    x = {"type": "quantitative", "scale": {"type": "log", "nice": False, "padding": 24}, "title": title}
    ends = [row[name] for row in rows for name in ("low", "high", "estimate") if row[name] is not None]
    low, high = min([null, *ends]), max([null, *ends])
    x["axis"] = {"values": log_ticks(low, high), "format": "~g"}
    zero = {
        "data": {"values": [{"at": null}]},
        "mark": {"type": "rule", "strokeDash": [4, 3], "style": "quiet"},
        "encoding": {"x": {"field": "at", **x}},
    }
    bars = {
        "mark": {"type": "rule", "strokeWidth": 2, "style": "strong"},
        "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    points = {
        "mark": {"type": "point", "filled": True, "size": 70, "shape": "square", "color": CATEGORY[1]},
        "encoding": {
            "y": y,
            "x": {"field": "estimate", **x},
            "tooltip": [{"field": "name"}, {"field": "label"}],
        },
    }
    return make_spec(rows, {"width": 400, "height": {"step": 26}, "layer": [zero, bars, points]})


def _fade(lines: float) -> float:
    return 0.55 if lines <= 30 else 0.3 if lines <= 100 else 0.18
