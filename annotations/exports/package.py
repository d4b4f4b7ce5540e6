"""A reader study as flat files: the same data gives the same bytes, whenever it is exported."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

from annotations.exports.columns import COLUMNS
from annotations.exports.rows import rows_of
from annotations.exports.table import csv_bytes
from annotations.reads.clock import CLOCK_VERSION
from annotations.reads.models import Event, Plan, ReaderStudy
from annotations.reads.selectors import current_plan
from annotations.segmentations.measures import MEASURES_VERSION
from annotations.version import VERSION

EVENT_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("read", "", "Id of the read, as in scores_and_times.csv."),
    ("page_load", "", "Id of one load of the page in one tab."),
    ("sequence", "count", "Number within the page load, from 0."),
    ("kind", "", "What happened: one raw, timestamped fact."),
    ("monotonic_ms", "ms", "The page load's monotonic clock (performance.now())."),
    ("client_time", "UTC", "The reader's own clock, which may be wrong or be set."),
    ("server_time", "UTC", "When the server received it."),
    ("late", "", "Received after submit: kept, outside all times."),
    ("data", "JSON", "Lesion and tool of an edit, and the like."),
)
CODE_BOOK_HEADER = ("file", "column", "unit", "meaning", "derived_from", "empty_when")
EPOCH = (1980, 1, 1, 0, 0, 0)


def package_files(study: ReaderStudy) -> dict[str, bytes]:
    """File name to content, the manifest with the sha256 of the others last."""
    plan = current_plan(study)
    files = {
        "scores_and_times.csv": scores_and_times(plan),
        "events.csv": events_table(plan),
        "code_book.csv": code_book(),
    }
    return files | {"manifest.json": _manifest(study, plan, files)}


def scores_and_times(plan: Plan) -> bytes:
    rows = ([column.value(row) for column in COLUMNS] for row in rows_of(plan))
    return csv_bytes([column.name for column in COLUMNS], rows)


def events_table(plan: Plan) -> bytes:
    events = Event.objects.filter(read__assignment__plan=plan).order_by("read", "page_load", "sequence")
    names = [name for name, _, _ in EVENT_COLUMNS]
    fields = ["read_id" if name == "read" else name for name in names]
    return csv_bytes(names, events.values_list(*fields).iterator())


def code_book() -> bytes:
    scores = (("scores_and_times.csv", *column[:5]) for column in COLUMNS)
    events = (("events.csv", *column, "as recorded", "never") for column in EVENT_COLUMNS)
    return csv_bytes(CODE_BOOK_HEADER, [*scores, *events])


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Without the time of packing, so that the archive is byte-identical too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def _manifest(study: ReaderStudy, plan: Plan, files: Mapping[str, bytes]) -> bytes:
    content = {
        "product": "PETReview",
        "product_version": VERSION,
        "intended_use": "Research use only",
        "is_synthetic": study.is_synthetic,
        "reader_study": {"id": str(study.pk), "name": study.name},
        "plan": {
            "number": plan.number,
            "digest": plan.digest or None,
            "locked_at": plan.locked_at.isoformat() if plan.locked_at else None,
            "signature": {name: plan.signature.get(name) for name in ("meaning", "at", "zone")},
        },
        "code_versions": {"clock": CLOCK_VERSION, "measures": MEASURES_VERSION},
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
        },
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
