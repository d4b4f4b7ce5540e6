"""A folder as a ZIP without the time of packing, so that the same files give the same bytes."""

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
CHUNK_BYTES = 2**20
PACKED_ALREADY = frozenset({".gz", ".parquet", ".xlsx", ".pdf", ".zip"})


def zip_folder(
    folder: Path, names: Iterable[str], target: Path, on_file: Callable[[str], None] = lambda name: None
) -> None:
    """names: relative to the folder, in the order of the archive. Streamed: no file is held in memory."""
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            on_file(name)
            info = zipfile.ZipInfo(name, EPOCH)
            packed = Path(name).suffix in PACKED_ALREADY
            info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as content, archive.open(info, "w") as out:
                while chunk := content.read(CHUNK_BYTES):
                    out.write(chunk)
