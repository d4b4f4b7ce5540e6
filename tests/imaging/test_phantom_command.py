"""`manage.py make_phantom` writes a phantom folder or says why not."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_a_negative_control_is_written_without_a_segmentation(tmp_path: Path) -> None:
    said = StringIO()
    call_command("make_phantom", seed=3, out=tmp_path, negative=True, stdout=said)
    assert "SYNTHETIC phantom 3" in said.getvalue()
    assert json.loads((tmp_path / "truth.json").read_text())["lesions"] == []
    assert len(list((tmp_path / "PT").iterdir())) == 200
    assert not (tmp_path / "truth.seg.dcm").exists()


def test_a_negative_seed_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="0 or more"):
        call_command("make_phantom", seed=-1, out=tmp_path)
