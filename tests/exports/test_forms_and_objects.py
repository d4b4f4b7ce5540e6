"""Report forms, segmentations and the training data set of a hand-made study."""

import base64
import json
import re
import zlib

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from annotations.accounts.models import Role
from annotations.exports.dataset import FOLDER, joined_labels, make_splits
from annotations.exports.forms.forms import form_of
from annotations.exports.forms.layout import draw_form
from annotations.exports.study_data import study_data
from annotations.exports.version_package import NAMES, REFUSED
from annotations.models import ReaderStudy, Volume
from annotations.segmentations.voxels import read_labels
from tests.builders import SMALL, boxes, make_reader_study, make_user, model_version
from tests.exports import hand_made
from tests.exports.reading import export, manifest
from tests.exports.test_version import LABELS
from tests.reads.scenes import L1, L2, Reader
from tests.reads.study_scenes import AI, locked, make_cases, make_coordinator, make_readers, own, read_through
from tests.studies.importing import import_files, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> ReaderStudy:
    return hand_made.make_study()


def text_of(pdf: bytes) -> str:
    """All shown text: content streams are ASCII-85 over deflate, text stands in parentheses before Tj."""
    found: list[bytes] = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        if stream.strip().endswith(b"~>"):
            content = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
            found += re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", content)
    text = b" ".join(found).decode("latin-1")
    text = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), text)
    return text.replace("\\(", "(").replace("\\)", ")")


class TestForms:
    def form(self, study, number: int) -> str:
        return text_of(draw_form(form_of(study_data(study).rows[number])))

    def test_a_form_holds_lesions_measures_score_and_times(self, study):
        text = self.form(study, 0)
        assert "Report of a read: R01, case 1" in text
        assert "Research use only" in text
        assert "SYNTHETIC" in text
        for part in ("acceptable, minor changes", "300.000 s", "1.760 mL", "Lesions (2)", "Lesion 3"):
            assert part in text, part
        assert "0.32" in text  # mL of the half of B: 4 voxels of 0.08 mL
        assert "dr.first" not in text

    def test_a_negative_control_has_a_form_without_lesions(self, study):
        text = self.form(study, 1)
        assert "Lesions (" not in text
        assert "(the final version has no lesion" in text

    def test_a_read_that_is_not_final_says_so(self, study):
        rows = study_data(study).rows
        (given_up,) = [n for n, row in enumerate(rows) if row.state == "abandoned"]
        assert "The segmentation is not final" in self.form(study, given_up)

    def test_a_very_long_comment_in_any_script_is_cut_and_named(self, study):
        row = study_data(study).rows[0]
        row.score.comment = "<b>β ≥ 肝 " * 3000
        text = text_of(draw_form(form_of(row)))
        assert "(see reads_long)" in text

    def test_a_form_is_written_for_every_read(self, study, tmp_path):
        folder = export(study, tmp_path / "out", "forms")
        names = sorted(name for name in manifest(folder)["files"])
        assert names == [
            "forms/synthetic-R01-case001-period1-repeat0-attempt1.pdf",
            "forms/synthetic-R01-case001-period2-repeat0-attempt1.pdf",
            "forms/synthetic-R01-case002-period1-repeat0-attempt1.pdf",
            "forms/synthetic-R02-case001-period1-repeat0-attempt1.pdf",
        ]
        pdf = (folder / names[0]).read_bytes()
        assert pdf.startswith(b"%PDF-")
        assert pdf.count(b"/Subtype /Image") == 2

    def test_a_long_lesion_list_goes_over_pages_with_its_head(self, study):
        form = form_of(study_data(study).rows[0])
        many = form.__class__(**{**vars(form), "lesions": form.lesions * 60})
        pdf = draw_form(many)
        assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) >= 3
        assert text_of(pdf).count("SUVpeak") >= 3


class TestDataset:
    @pytest.fixture
    def folder(self, study, tmp_path):
        return export(study, tmp_path / "out", "dataset") / FOLDER

    def test_images_and_labels_are_those_of_the_cases(self, folder):
        assert sorted(p.name for p in (folder / "imagesTr").iterdir()) == [
            "case_001_0000.nii.gz", "case_001_0001.nii.gz", "case_002_0000.nii.gz", "case_002_0001.nii.gz",
        ]  # fmt: skip
        label = sitk.ReadImage(str(folder / "labelsTr" / "case_001.nii.gz"))
        # two submitted reads: A is in both, half of B in one of two (a tie is not tumour)
        assert np.array_equal(sitk.GetArrayFromImage(label), boxes(SMALL, L1=hand_made.A))
        image = sitk.ReadImage(str(folder / "imagesTr" / "case_001_0000.nii.gz"))
        assert image.GetSpacing() == label.GetSpacing() == SMALL.spacing_xyz_mm
        assert sitk.GetArrayFromImage(image)[0, 0, 5] == pytest.approx(2 * 5 * 0.001)
        ct = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "imagesTr" / "case_001_0001.nii.gz")))
        assert ct.shape == SMALL.shape_zyx
        assert ct[0, 0, 5] == pytest.approx(10.0)

    @pytest.mark.parametrize("method", ["choice", "majority", "staple"])
    def test_the_adjudicated_version_of_a_case_is_its_label(self, tmp_path, method):
        coordinator, readers = make_coordinator(), make_readers(3)
        plan = locked(coordinator, make_cases(1), readers, AI)
        drawn = [boxes(SMALL, L1=L1), boxes(SMALL, L1=L1), boxes(SMALL, L1=L1, L2=L2)]
        reads = [
            read_through(Reader(user), own(plan, user)[0], one)
            for user, one in zip(readers, drawn, strict=True)
        ]
        case = plan.reader_study.cases.get()
        body = {"method": method, "reads": [str(read.pk) for read in reads[1:]], "reason": "Panel"}
        if method == "choice":
            body["chosen"] = str(reads[2].pk)
        path = f"reader-studies/{plan.reader_study_id}/cases/{case.pk}/adjudicate/"
        assert coordinator.post(path, body).status_code == 201
        case.refresh_from_db()
        folder = export(plan.reader_study, tmp_path / "out", "dataset") / FOLDER
        label = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "labelsTr" / "case_001.nii.gz")))
        assert np.array_equal(label != 0, read_labels(case.reference) != 0)
        # More than half of the readers marked L1 alone: only the choice tells the two rules apart.
        assert np.array_equal(label != 0, boxes(SMALL, L1=L1) != 0) is (method != "choice")
        found = json.loads((folder / "sources.json").read_text())["case_001"]
        assert found["adjudicated"] == {"method": method, "version_digest": case.reference.version_digest}
        assert len(found["versions"]) == 3

    def test_a_reference_that_the_plan_brought_is_no_label(self, study, folder):
        assert study.cases.get(number=1).reference is not None
        assert json.loads((folder / "sources.json").read_text())["case_001"]["adjudicated"] is None

    def test_the_description_says_channels_labels_and_rules(self, folder):
        found = json.loads((folder / "dataset.json").read_text())
        assert found["channel_names"] == {"0": "SUV", "1": "CT"}
        assert found["labels"] == {"background": 0, "tumour": 1}
        assert (found["numTraining"], found["is_synthetic"]) == (2, True)
        sources = json.loads((folder / "sources.json").read_text())
        assert [one["reader"] for one in sources["case_001"]["versions"]] == ["R01", "R01"]

    def test_every_case_is_held_out_once_and_no_patient_is_on_both_sides(self):
        patients = {f"case_{n:03d}": f"patient {n % 7}" for n in range(1, 24)}
        splits = make_splits(patients, "11")
        assert len(splits) == 5
        held_out = [name for fold in splits for name in fold["val"]]
        assert sorted(held_out) == sorted(patients)
        for fold in splits:
            assert sorted(fold["train"] + fold["val"]) == sorted(patients)
            assert {patients[n] for n in fold["train"]}.isdisjoint({patients[n] for n in fold["val"]})
        assert splits == make_splits(patients, "11")
        assert splits != make_splits(patients, "12")

    def test_one_patient_cannot_be_split(self):
        assert make_splits({"case_001": "a", "case_002": "a"}, "1") == []

    def test_three_readers_decide_by_majority(self, study):
        volume = study.cases.get(number=1).volume
        maps = [boxes(SMALL, L1=hand_made.A), boxes(SMALL, L9=hand_made.A), boxes(SMALL, L1=hand_made.C)]
        assert np.array_equal(joined_labels(maps, volume), boxes(SMALL, L1=hand_made.A))


class TestVersions:
    @pytest.fixture
    def reader(self) -> Reader:
        return Reader(make_user("one.reader", Role.READER))

    def submit(self, tmp_path, reader: Reader, labels: np.ndarray) -> ReaderStudy:
        """A real PET read through the API: its objects need real headers."""
        import_files(write_pet(tmp_path / "pet"))
        volume = Volume.objects.get()
        model_version(volume, LABELS)
        plan = make_reader_study(readers=[reader.user], studies=[volume.series.study])
        read = reader.open(plan.assignments.get())
        reader.read_to_the_end(read, labels)
        return plan.reader_study

    def test_all_four_objects_of_a_submitted_version(self, tmp_path, reader):
        folder = export(self.submit(tmp_path, reader, LABELS), tmp_path / "out", "versions")
        (stem,) = (folder / "versions").iterdir()
        assert sorted(one.name for one in stem.iterdir()) == sorted(NAMES.values())
        assert stem.name.startswith("synthetic-R01-case001") or stem.name.startswith("R01-case001")
        labels = sitk.GetArrayFromImage(sitk.ReadImage(str(stem / "labels.nii.gz")))
        assert np.array_equal(labels, LABELS)
        seg, report = (pydicom.dcmread(stem / name) for name in ("seg.dcm", "report.dcm"))
        assert pydicom.dcmread(stem / "rtstruct.dcm").Modality == "RTSTRUCT"
        assert (report.Modality, seg.SOPInstanceUID in str(report)) == ("SR", True)
        assert "one.reader" not in str(report) + str(seg)

    def test_what_cannot_be_written_is_named(self, tmp_path, reader):
        study = self.submit(tmp_path, reader, np.zeros_like(LABELS))
        folder = export(study, tmp_path / "out", "versions")
        (stem,) = (folder / "versions").iterdir()
        assert "seg.dcm: " in (stem / REFUSED).read_text()
        assert (stem / "labels.nii.gz").exists()
        assert (stem / "report.dcm").exists()
