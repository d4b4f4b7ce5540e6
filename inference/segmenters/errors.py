"""What a segmenter refuses, by name."""

from annotations.errors import Conflict, InvalidInput, PetreviewError


class ReleaseFolderInvalid(InvalidInput):
    """The folder is not a model release: a file is missing or cannot be read."""

    code = "release_folder_invalid"


class WrongChannels(Conflict):
    """The model wants other images than it was given."""

    code = "wrong_channels"


class SegmentationCancelled(PetreviewError):
    """Not a failure: the work was ended because should_cancel said so."""

    code = "cancelled"
    http_status = 409


class OutOfMemory(PetreviewError):
    code = "out_of_memory"
    http_status = 507
