"""What every figure shares: the frame, the colours and shapes of arms and versions, ticks of a log axis.

Okabe and Ito's colours, and marks that differ by shape too, so that nothing hangs on colour alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from annotations.statistics.report.tables import Spec

SCHEMA_URL = "https://vega.github.io/schema/vega-lite/v6.json"
CATEGORY = ["#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442"]
Row = Mapping[str, Any]


def make_spec(rows: Sequence[Row], body: Mapping[str, Any]) -> Spec:
    return {"$schema": SCHEMA_URL, "data": {"values": list(rows)}, **body}


def colour_of(
    names: Sequence[str], *, field: str = "arm", title: str = "", show: bool = False
) -> dict[str, Any]:
    colours = [CATEGORY[index % len(CATEGORY)] for index in range(len(names))]
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(names), "range": colours},
        "legend": {"title": title, "orient": "bottom"} if show else None,
    }


def shape_of(names: Sequence[str]) -> dict[str, Any]:
    kinds = ["circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "triangle-right"]
    shapes = [kinds[index % len(kinds)] for index in range(len(names))]
    return {
        "field": "arm",
        "type": "nominal",
        "scale": {"domain": list(names), "range": shapes},
        "legend": None,
    }


def log_ticks(low: float, high: float) -> list[float]:
    wanted = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0]
    wide = high / low > 2
    return [
        one
        for one in wanted
        if low * 0.9 <= one <= high * 1.1 and not (wide and one in (0.8, 0.9, 1.1, 1.25))
    ]
