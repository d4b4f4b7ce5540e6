import asyncio
import struct
import zlib

import numpy as np
import pytest
import zstandard
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from annotations.accounts.models import Role
from annotations.imaging.frames import EncodedFrames
from annotations.imaging.mip import rotating_mip
from annotations.models import Study, Volume
from annotations.studies import visibility
from annotations.studies.selectors import read_volume, volume_grid
from tests.builders import boxes, make_user, model_version
from tests.dicom import make
from tests.studies.importing import FACTOR, TINY, import_files, write_pet

pytestmark = pytest.mark.django_db


@pytest.fixture
def volume(tmp_path):
    import_files(write_pet(tmp_path))
    return Volume.objects.get()


def signed_in(*roles: Role, name: str = "coordinator", client: type = Client):
    found = client()
    found.force_login(make_user(name, *roles))
    return found


@pytest.fixture
def client():
    return signed_in(Role.COORDINATOR)


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def test_the_header_lets_a_client_compute_the_server_s_float32_values(client, volume):
    body = client.get(f"/api/volumes/{volume.pk}/").json()
    stored = np.frombuffer(content(client.get(f"/api/volumes/{volume.pk}/voxels/")), body["dtype"])
    stored = stored.reshape(body["grid"]["shape_zyx"]).astype(np.float32)
    slopes, intercepts = (
        np.array(body[f"suv_{name}_f32"], np.float32)[:, None, None] for name in ("slopes", "intercepts")
    )
    assert np.array_equal(stored * slopes + intercepts, read_volume(volume).values(body["suv"]["factor"]))
    assert body["suv"]["factor"] == pytest.approx(FACTOR, rel=1e-12)
    assert body["suv"]["valid"] is True
    assert body["suv"]["revision"] == 1
    assert body["suv"]["refusal"] is None
    assert body["grid_digest"] == volume_grid(volume).digest()


def test_voxels_leave_as_they_are_stored_when_the_client_takes_zstd(client, volume):
    packed = client.get(f"/api/volumes/{volume.pk}/voxels/", headers={"Accept-Encoding": "gzip, zstd"})
    plain = client.get(f"/api/volumes/{volume.pk}/voxels/", headers={"Accept-Encoding": "gzip, zstd;q=0"})
    assert packed["Content-Encoding"] == "zstd"
    assert "Content-Encoding" not in plain
    bytes_plain = content(plain)
    assert int(plain["Content-Length"]) == len(bytes_plain) == 2 * TINY.voxel_count
    raw = content(packed)
    assert int(packed["Content-Length"]) == len(raw)
    assert zstandard.ZstdDecompressor().decompress(raw) == bytes_plain == make.random_stored(TINY).tobytes()


def test_voxels_never_change_and_are_not_sent_twice(client, volume):
    first = client.get(f"/api/volumes/{volume.pk}/voxels/")
    assert first["Cache-Control"] == "private, immutable, max-age=31536000"
    assert first["ETag"] == f'"{volume.voxels_id}"'
    content(first)
    again = client.get(f"/api/volumes/{volume.pk}/voxels/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.django_db(transaction=True)
def test_an_asgi_server_streams_voxels_without_holding_up_others(volume):
    client = signed_in(Role.COORDINATOR, client=AsyncClient)

    async def fetch() -> bytes:
        try:
            url = f"/api/volumes/{volume.pk}/voxels/"
            response = await client.get(url, headers={"Accept-Encoding": "zstd"})
            return b"".join([chunk async for chunk in response.streaming_content])
        finally:
            await sync_to_async(connections.close_all)()

    raw = asyncio.run(fetch())
    assert zstandard.ZstdDecompressor().decompress(raw) == make.random_stored(TINY).tobytes()


def test_the_mip_decodes_to_the_projection_in_suv(client, volume):
    header = client.get(f"/api/volumes/{volume.pk}/").json()["mip"]
    raw = content(client.get(f"/api/volumes/{volume.pk}/mip/"))
    shape = (len(header["angles_deg"]), header["rows"], header["columns"])
    frames = EncodedFrames(np.frombuffer(raw, np.uint8).reshape(shape), header["scale_max"]).decode()
    grid = volume_grid(volume)
    wanted = rotating_mip(read_volume(volume).values(FACTOR), grid, header["angles_deg"])
    assert header["unit"] == "SUVbw"
    assert len(header["angles_deg"]) == 36
    assert np.abs(frames - wanted).max() <= header["scale_max"] * (1 / 255 + 1 / 510**2)
    assert header["centre_xyz_mm"] == pytest.approx([-2.0, -19.5, 112.5])
    assert (header["left_xyz"], header["back_xyz"], header["head_xyz"]) == ([1, 0, 0], [0, 1, 0], [0, 0, 1])


def test_a_corrected_suv_is_the_default_and_the_old_revision_can_be_asked_for(volume):
    manager = signed_in(Role.DATA_MANAGER, name="manager")
    url = f"/api/volumes/{volume.pk}/suv-revisions/"
    correction = {"corrections": {"weight_kg": 37}, "reason": "weighed again"}
    assert manager.post(url, correction, content_type="application/json").status_code == 404
    Study.objects.get().project.data_managers.add(int(manager.session["_auth_user_id"]))
    first = manager.get(f"/api/volumes/{volume.pk}/").json()
    answer = manager.post(url, correction, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json()["suv"]["revision"] == 2
    now = manager.get(f"/api/volumes/{volume.pk}/").json()
    assert now["suv"]["factor"] == pytest.approx(first["suv"]["factor"] / 2)
    assert now["mip"]["scale_max"] == pytest.approx(first["mip"]["scale_max"] / 2)
    old = manager.get(f"/api/volumes/{volume.pk}/", {"suv_revision": first["suv"]["id"]}).json()
    assert old == first


def test_a_volume_without_valid_suv_says_why(client, tmp_path):
    import_files(write_pet(tmp_path, PatientWeight=None))
    body = client.get(f"/api/volumes/{Volume.objects.get().pk}/").json()
    assert body["suv"]["valid"] is False
    assert body["suv"]["refusal"]["code"] == "suv_missing_weight"
    assert body["suv_slopes_f32"] is None
    assert body["mip"]["unit"] == "Bq/mL"


def test_a_reader_reaches_a_volume_only_through_the_rule_of_the_room_above(volume, monkeypatch):
    reader = signed_in(Role.READER, name="reader")
    urls = [f"/api/volumes/{volume.pk}/{end}" for end in ("", "voxels/", "mip/", "render.png")]
    monkeypatch.setattr(visibility, "reader_volume_filter", lambda user: visibility.NOTHING)
    assert {reader.get(url).status_code for url in urls} == {404}
    monkeypatch.setattr(visibility, "reader_volume_filter", lambda user: visibility.Q(pk=volume.pk))
    assert {reader.get(url).status_code for url in urls} == {200}
    assert reader.get("/api/studies/").status_code == 403


def test_a_data_manager_sees_own_projects_only(volume):
    stranger = signed_in(Role.DATA_MANAGER, name="stranger")
    assert stranger.get(f"/api/volumes/{volume.pk}/").status_code == 404
    assert stranger.get("/api/studies/").json() == []
    assert stranger.get("/api/projects/").json() == []


def test_nobody_sees_anything_without_signing_in(volume):
    for path in (
        "projects/",
        "studies/",
        "imports/",
        f"volumes/{volume.pk}/",
        f"volumes/{volume.pk}/voxels/",
    ):
        assert Client().get(f"/api/{path}").status_code == 401, path


def png_pixels(png: bytes) -> np.ndarray:
    """uint8 [rows, columns, 3] of a PNG without filters, as ours are."""
    columns, rows = struct.unpack(">II", png[16:24])
    place, data = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += length + 12
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(rows, 1 + 3 * columns)
    return lines[:, 1:].reshape(rows, columns, 3)


def picture(client, volume, **query) -> np.ndarray:
    response = client.get(f"/api/volumes/{volume.pk}/render.png", query)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "image/png"
    assert b"Research use only" in response.content
    return png_pixels(response.content)


def test_a_rendered_plane_shows_its_slice_and_says_research_use_only(client, volume):
    grey = picture(client, volume, plane="axial", index=2, lower=0, upper=0.5, size=200)
    other = picture(client, volume, plane="axial", index=3, lower=0, upper=0.5, size=200)
    assert grey.shape == (120, 200, 3)
    assert not np.array_equal(grey, other)
    assert (grey == (156, 84, 0)).all(axis=2).any()
    suv = read_volume(volume).values(FACTOR)[2]
    y, x = np.unravel_index(suv.argmax(), suv.shape)
    wanted = round(255 * (1 - min(float(suv.max()) / 0.5, 1.0)))
    assert abs(int(grey[y * 15 + 7, x * 20 + 10, 0]) - wanted) <= 12


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal", "mip"])
def test_lesions_are_outlined_in_every_plane(client, volume, plane):
    version = model_version(volume, boxes(TINY, L1=np.s_[2:5, 3:6, 4:7]))
    plain = picture(client, volume, plane=plane, size=160)
    outlined = picture(client, volume, plane=plane, size=160, version=version.pk)
    assert plain.shape == outlined.shape
    assert not np.array_equal(plain, outlined)


@pytest.mark.parametrize("plane", ["axial", "mip"])
def test_a_version_without_lesions_draws_nothing(client, volume, plane):
    version = model_version(volume, boxes(TINY))
    plain = picture(client, volume, plane=plane, size=160)
    empty = picture(client, volume, plane=plane, size=160, version=version.pk)
    assert np.array_equal(plain[32:], empty[32:])  # above are the words: the version is synthetic


def test_a_mip_at_an_angle_between_the_stored_ones_is_projected(client, volume):
    assert not np.array_equal(
        picture(client, volume, plane="mip", angle=10), picture(client, volume, plane="mip", angle=15.5)
    )


def test_a_version_of_another_volume_is_not_drawn(client, volume, tmp_path):
    import_files(write_pet(tmp_path / "other", series="other"))
    other = Volume.objects.exclude(pk=volume.pk).get()
    version = model_version(other, boxes(TINY, L1=np.s_[2:5, 3:6, 4:7]))
    response = client.get(f"/api/volumes/{volume.pk}/render.png", {"version": version.pk})
    assert (response.status_code, response.json()["code"]) == (409, "volume_mismatch")


def test_pet_and_ct_of_different_frames_of_reference_are_never_fused(client, volume, tmp_path):
    ct_grid = TINY
    import_files(write_pet(tmp_path / "ct", ct_grid, series="ct", modality="CT"))
    import_files(write_pet(tmp_path / "far", ct_grid, series="far", modality="CT", frame="2.25.99"))
    near = Volume.objects.get(series__modality="CT", series__frame_of_reference_uid=make.FRAME)
    far = Volume.objects.get(series__frame_of_reference_uid="2.25.99")
    fused = picture(client, volume, ct=near.pk, fusion=0.5)
    assert not np.array_equal(fused, picture(client, volume))
    response = client.get(f"/api/volumes/{volume.pk}/render.png", {"ct": far.pk})
    assert (response.status_code, response.json()["code"]) == (409, "frame_of_reference_mismatch")
    summary = client.get("/api/studies/").json()[0]
    assert summary["ct_volume"] == str(near.pk)


def test_the_same_picture_is_not_sent_twice(client, volume):
    url = f"/api/volumes/{volume.pk}/render.png"
    first = client.get(url)
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(url, {"upper": 4}, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "query", [{"index": 99}, {"plane": "oblique"}, {"size": 9}, {"lower": 5, "upper": 5}, {"fusion": 2}]
)
def test_a_picture_that_cannot_be_is_refused(client, volume, query):
    assert client.get(f"/api/volumes/{volume.pk}/render.png", query).status_code == 400


def test_what_is_synthetic_is_marked_in_the_picture(client, tmp_path):
    import_files(write_pet(tmp_path, ImageComments="SYNTHETIC PHANTOM - no patient"))
    volume = Volume.objects.get()
    assert Study.objects.get().is_synthetic
    assert Study.objects.get().project.is_synthetic
    response = client.get(f"/api/volumes/{volume.pk}/render.png")
    assert b"SYNTHETIC" in response.content


def test_a_study_in_the_list_names_its_volumes(client, volume):
    (summary,) = client.get("/api/studies/", {"search": "PT-00"}).json()
    assert summary["pet_volume"] == str(volume.pk)
    assert summary["pseudonym"] == "PT-0001"
    assert summary["modalities"] == ["PT"]
    assert summary["tracer"] == "FDG"
    assert summary["suv_valid"] is True
    assert summary["ct_volume"] is None
    assert client.get("/api/studies/", {"search": "nobody"}).json() == []
