"""What can be refused about model releases."""

from annotations.errors import Conflict, NotFound, PetreviewError


class ReleaseNotFound(NotFound):
    code = "release_not_found"


class ReleaseNameTaken(Conflict):
    code = "release_name_taken"


class ReleaseKnown(Conflict):
    """The same weights are registered already under another name."""

    code = "release_known"


class ReleaseChanged(PetreviewError):
    """The folder is not the one that was registered any more: it is not loaded."""

    code = "release_changed"
    http_status = 409
