"""Register a model release: the only way a folder of weights is ever loaded."""

from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from annotations.accounts.models import Role, User
from annotations.audit.services import record
from annotations.errors import InvalidInput, NotAllowed
from inference.releases.errors import ReleaseKnown, ReleaseNameTaken
from inference.releases.models import ModelRelease
from inference.segmenters.errors import ReleaseFolderInvalid
from inference.segmenters.fingerprint import fingerprint_folder
from inference.segmenters.options import read_json
from inference.segmenters.table import SEGMENTERS

CARD = "MODEL_CARD.md"


def register_release(*, name: str, folder: Path, registered_by: User | None) -> ModelRelease:
    """A row with the folder's fingerprint; the same folder under the same name again is the same row.

    registered_by: an administrator, or None for the command line of the machine itself. Raises
    NotAllowed, ReleaseFolderInvalid, ReleaseNameTaken (other weights), ReleaseKnown (other name).
    """
    if registered_by is not None and not registered_by.has_role(Role.ADMINISTRATOR):
        raise NotAllowed("Only an administrator registers model releases.")
    name, folder = name.strip(), folder.resolve()
    if not 1 <= len(name) <= 120:
        raise InvalidInput("A model release needs a name of at most 120 characters.")
    options = read_options(folder)
    SEGMENTERS[options["method"]].check_folder(folder)
    fingerprint = fingerprint_folder(folder)
    try:
        with transaction.atomic():
            return _create_release(name, folder, options, fingerprint, registered_by)
    except IntegrityError:
        return _known_release(name, fingerprint)


def set_release_active(*, release: ModelRelease, is_active: bool, changed_by: User) -> ModelRelease:
    """Switch a release on or off for new jobs. Raises NotAllowed."""
    if not changed_by.has_role(Role.ADMINISTRATOR):
        raise NotAllowed("Only an administrator switches model releases.")
    with transaction.atomic():
        if (
            ModelRelease.objects.filter(pk=release.pk)
            .exclude(is_active=is_active)
            .update(is_active=is_active)
        ):
            record(
                actor=changed_by,
                action="release_switched_on" if is_active else "release_switched_off",
                object_type="model_release",
                object_id=release.pk,
            )
    release.refresh_from_db()
    return release


def read_options(folder: Path) -> dict[str, Any]:
    """The folder's release.json, with a known method and its tracers. Raises ReleaseFolderInvalid."""
    options = read_json(folder / "release.json")
    if options.get("method") not in SEGMENTERS:
        raise ReleaseFolderInvalid("release.json names no known method.", known=sorted(SEGMENTERS))
    if not isinstance(options.get("tracers"), list) or not options["tracers"]:
        raise ReleaseFolderInvalid("release.json does not say which tracers the model was made for.")
    patients = options.get("training_patients", [])
    if not isinstance(patients, list) or not all(isinstance(one, str) and one for one in patients):
        raise ReleaseFolderInvalid("training_patients of release.json is no list of pseudonyms.")
    return options


def _create_release(
    name: str, folder: Path, options: dict[str, Any], fingerprint: str, registered_by: User | None
) -> ModelRelease:
    card = folder / CARD
    release = ModelRelease.objects.create(
        name=name,
        method=options["method"],
        folder=str(folder),
        fingerprint=fingerprint,
        options=options,
        model_card=card.read_text() if card.is_file() else "",
        is_synthetic=bool(options.get("synthetic", False)),
        registered_by=registered_by,
    )
    record(
        actor=registered_by,
        action="release_registered",
        object_type="model_release",
        object_id=release.pk,
        new={"name": name, "fingerprint": fingerprint, "folder": str(folder)},
    )
    return release


def _known_release(name: str, fingerprint: str) -> ModelRelease:
    same_name = ModelRelease.objects.filter(name=name).first()
    if same_name is not None and same_name.fingerprint == fingerprint:
        return same_name
    if same_name is not None:
        raise ReleaseNameTaken("Another model release has this name.", name=name)
    known = ModelRelease.objects.get(fingerprint=fingerprint)
    raise ReleaseKnown("These weights are registered already.", name=known.name)
