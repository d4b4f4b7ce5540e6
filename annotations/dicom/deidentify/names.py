"""File names may name the patient: files are numbered instead, in the order of their names."""

from dataclasses import replace
from pathlib import PurePosixPath

from annotations.dicom.read_files import HeaderFile, Heap
from annotations.dicom.refusals import Refusal


def hide_names(heap: Heap) -> Heap:
    """The heap with "file 12" for the twelfth of all its names, also in messages. The same files give the
    same numbers.
    """
    names = sorted({file.source.name for file in heap.files} | {one.file for one in heap.refusals})
    numbers = {name: f"file {number}" for number, name in enumerate(names, start=1)}
    return replace(
        heap,
        files=tuple(_hidden_file(file, numbers) for file in heap.files),
        refusals=tuple(_hidden_refusal(one, numbers) for one in heap.refusals),
    )


def _hidden_file(file: HeaderFile, numbers: dict[str, str]) -> HeaderFile:
    return replace(file, source=replace(file.source, name=numbers[file.source.name]))


def _hidden_refusal(refusal: Refusal, numbers: dict[str, str]) -> Refusal:
    message = refusal.message
    for name, number in numbers.items():
        if name in message:
            message = message.replace(name, number)
    for part in PurePosixPath(refusal.file).parts:  # an archive's own error names the member
        if len(part) > 3:
            message = message.replace(part, "...")
    return Refusal(numbers[refusal.file], refusal.code, message)
