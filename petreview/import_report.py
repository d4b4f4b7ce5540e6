"""What an import says it did: the same for the same files, whether they were new or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from annotations.dicom.deidentify import BasicProfile
from annotations.dicom.refusals import Refusal
from annotations.dicom.series import ImageSeries
from annotations.dicom.transform import IDENTITY, Transform
from annotations.errors import PetreviewError, StorageFull
from annotations.segmentations.models import Version
from annotations.segmentations.services.import_object import lesion_reports
from annotations.store.services import StoreDamaged
from annotations.studies.services import ImportCancelled

ENDS_IMPORT = (StorageFull, StoreDamaged, ImportCancelled)


@dataclass
class ImportReport:
    """Filled while the import goes on, so that one that is stopped says how far it came."""

    transform: Transform = IDENTITY
    studies: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)

    def add_series(self, image: ImageSeries) -> None:
        self._study(image.study.study_instance_uid)["series"].append(
            {
                "series_instance_uid": image.series.series_instance_uid,
                "modality": image.series.modality,
                "shape_zyx": list(image.volume.grid.shape_zyx),
                "spacing_xyz_mm": list(image.volume.grid.spacing_xyz_mm),
                "unit": image.unit,
                "suv_factor": image.suv.factor if image.suv else None,
                "suv_max": image.suv_max(),
            }
        )

    def add_segmentation(self, version: Version) -> None:
        """Version 1 of an imported segmentation."""
        study = version.segmentation.volume.series.study
        self._study(study.study_instance_uid)["segmentations"].append(
            {"label": version.segmentation.title, "lesions": list(lesion_reports(version))}
        )

    def refuse(self, *refusals: Refusal) -> None:
        self.refusals.extend(refusals)

    @contextmanager
    def refusing(self, file: str) -> Iterator[None]:
        """What goes wrong inside is written down as a refusal of `file`, and the import goes on."""
        try:
            yield
        except ENDS_IMPORT:
            raise
        except PetreviewError as error:
            self.refuse(Refusal.of(file, error))

    def to_json(self) -> dict[str, Any]:
        """ "deidentification" (which attributes were removed or changed, in how many objects) is there only
        where the project de-identifies.
        """
        report: dict[str, Any] = {
            "studies": list(self.studies.values()),
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }
        if isinstance(self.transform, BasicProfile):
            report["deidentification"] = self.transform.report()
        return report

    def _study(self, study_instance_uid: str) -> dict[str, Any]:
        empty = {"study_instance_uid": study_instance_uid, "series": [], "segmentations": []}
        return self.studies.setdefault(study_instance_uid, empty)
