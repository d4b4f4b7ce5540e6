"""File names may name the patient: files are numbered instead, in the order of their names."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from annotations.dicom.read_files import HeaderFile, Heap
from annotations.dicom.refusals import Refusal

_QUOTED = re.compile(r"(['\"]).*\1")  # another file is named in quotes (repr)


def hide_names(heap: Heap) -> Heap:
    """The heap with "file 12" for the twelfth of all its names, also in messages. The same files give the
    same numbers.
    """
    names = sorted({file.source.name for file in heap.files} | {one.file for one in heap.refusals})
    numbers = {name: f"file {number}" for number, name in enumerate(names, start=1)}
    quoted = {repr(name): repr(number) for name, number in numbers.items()}
    return replace(
        heap,
        files=tuple(_hidden_file(file, numbers) for file in heap.files),
        refusals=tuple(_hidden_refusal(one, numbers, quoted) for one in heap.refusals),
    )


def _hidden_file(file: HeaderFile, numbers: dict[str, str]) -> HeaderFile:
    return replace(file, source=replace(file.source, name=numbers[file.source.name]))


def _hidden_refusal(refusal: Refusal, numbers: dict[str, str], quoted: dict[str, str]) -> Refusal:
    message = _QUOTED.sub(lambda found: quoted.get(found[0], found[0]), refusal.message)
    for part in PurePosixPath(refusal.file).parts:  # an archive's own error names the member
        if len(part) > 3:
            message = message.replace(part, "...")
    return Refusal(numbers[refusal.file], refusal.code, message)
