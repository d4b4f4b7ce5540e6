"""Sort the files of a heap into volumes-to-be: by study, by series, and further where one series holds
several volumes (gates, dynamic frames, several image types).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from annotations.dicom import values
from annotations.dicom.read_files import HeaderFile
from annotations.dicom.refusals import DicomRefused, MixedSeries, Refusal, SeveralVolumes
from annotations.dicom.slices import Slice, slices_of

SAME_PLACE_DECIMALS = 2


@dataclass(frozen=True)
class VolumeGroup:
    """Slices of one volume, unordered. part: "" when the series is one volume, else what tells it apart,
    such as "time slice 2".
    """

    study_instance_uid: str
    series_instance_uid: str
    part: str
    slices: tuple[Slice, ...]

    @property
    def name(self) -> str:
        """For messages: the first file and how many there are."""
        files = sorted({piece.file.source.name for piece in self.slices})
        return files[0]


@dataclass(frozen=True)
class Grouped:
    """volumes: images; objects: RTSTRUCT and SEG files."""

    volumes: tuple[VolumeGroup, ...]
    objects: tuple[HeaderFile, ...]
    refusals: tuple[Refusal, ...]


def group_files(files: Iterable[HeaderFile]) -> Grouped:
    by_series: dict[tuple[str, str], list[HeaderFile]] = {}
    objects: list[HeaderFile] = []
    for file in files:
        if file.kind != "image":
            objects.append(file)
            continue
        key = (str(file.header.StudyInstanceUID), str(file.header.SeriesInstanceUID))
        by_series.setdefault(key, []).append(file)
    volumes: list[VolumeGroup] = []
    refusals: list[Refusal] = []
    for (study, series), members in sorted(by_series.items()):
        pieces, left_out = _planes(members)
        refusals += left_out
        try:
            volumes += [
                VolumeGroup(study, series, part, tuple(p)) for part, p in split_volumes(pieces).items()
            ]
        except DicomRefused as error:
            refusals.append(Refusal.of(members[0].source.name, error))
    return Grouped(tuple(volumes), tuple(objects), tuple(refusals))


def _planes(files: Sequence[HeaderFile]) -> tuple[list[Slice], list[Refusal]]:
    pieces: list[Slice] = []
    refusals: list[Refusal] = []
    for file in files:
        try:
            pieces += slices_of(file)
        except DicomRefused as error:
            refusals.append(Refusal.of(file.source.name, error))
    return pieces, refusals


def split_volumes(pieces: Sequence[Slice]) -> dict[str, list[Slice]]:
    """{part: slices}. One entry with part "" when the series is one volume already.

    While slices share a place or differ in form, the first attribute that separates them into volumes is
    used; image type and form may be followed by another. Raises SeveralVolumes or MixedSeries. A series
    with stray slices of another form is given back whole: fit_grid says what is mixed.
    """
    if not pieces:
        return {}
    headers = [piece.file.header for piece in pieces]
    if len({(values.text(h, "Modality"), values.text(h, "SOPClassUID")) for h in headers}) > 1:
        raise MixedSeries("One series mixes different kinds of images.")
    if is_one_volume(pieces):
        return {"": list(pieces)}
    coarse = (("image type", _tag("ImageType")), ("form", _stack_form(pieces)))
    for label, key in (*coarse, *_FINE_KEYS):
        parts = _split_by(pieces, label, key)
        if len(parts) > 1 and all(is_one_volume(part) for part in parts.values()):
            return parts
    for label, key in coarse:
        parts = _split_by(pieces, label, key)
        if len(parts) > 1:
            return _split_again(parts)
    if len({_form(piece) for piece in pieces}) > 1:
        return {"": list(pieces)}
    raise SeveralVolumes(
        "The series has several slices at the same place and nothing in it says which belong together.",
        slices=len(pieces),
    )


def _split_again(parts: dict[str, list[Slice]]) -> dict[str, list[Slice]]:
    return {
        f"{name}, {inner}" if inner else name: members
        for name, part in parts.items()
        for inner, members in split_volumes(part).items()
    }


def is_one_volume(pieces: Sequence[Slice]) -> bool:
    """No two slices at the same place, all of one form. Says nothing about gaps."""
    if len({_form(piece) for piece in pieces}) > 1:
        return False
    normal = pieces[0].axes()[:, 2]
    places = {round(float(normal @ p.position_mm), SAME_PLACE_DECIMALS) for p in pieces}
    return len(places) == len(pieces)


def _split_by(
    pieces: Sequence[Slice], label: str, key: Callable[[Slice], str | None]
) -> dict[str, list[Slice]]:
    found = [key(piece) for piece in pieces]
    if any(value is None for value in found):
        return {}
    parts: dict[str, list[Slice]] = {}
    for piece, value in zip(pieces, found, strict=True):
        parts.setdefault(f"{label} {value}", []).append(piece)
    return dict(sorted(parts.items()))


def _tag(keyword: str) -> Callable[[Slice], str | None]:
    return lambda piece: values.text(piece.attributes, keyword) or None


def _form(piece: Slice) -> str:
    direction = ",".join(f"{value + 0.0:.3f}" for value in piece.orientation)
    return f"{piece.columns}x{piece.rows} ({direction})"


def _stack_form(pieces: Sequence[Slice]) -> Callable[[Slice], str | None]:
    """By form, but only where each form is a stack of its own and no stray slice."""
    counts = Counter(_form(piece) for piece in pieces)
    return lambda piece: _form(piece) if min(counts.values()) > 1 else None


def _time_slice(piece: Slice) -> str | None:
    """ImageIndex counts slices within time slices (PS3.3 C.8.9.4.1.9)."""
    index = values.integer(piece.attributes, "ImageIndex")
    count = values.integer(piece.attributes, "NumberOfSlices")
    if not index or not count:
        return None
    return f"{(index - 1) // count + 1:03d}"


_FINE_KEYS: tuple[tuple[str, Callable[[Slice], str | None]], ...] = (
    ("time slice", _time_slice),
    ("temporal position", _tag("TemporalPositionIndex")),
    ("temporal position", _tag("TemporalPositionIdentifier")),
    ("phase", _tag("NominalPercentageOfCardiacPhase")),
    ("trigger time", _tag("TriggerTime")),
    ("frame time", _tag("FrameReferenceTime")),
    ("acquisition", _tag("AcquisitionNumber")),
    ("acquisition time", _tag("AcquisitionTime")),
    ("kernel", _tag("ConvolutionKernel")),
)
