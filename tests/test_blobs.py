"""Blobs: whole or not there."""

import pytest
from workings.graphs.blobs import Blobs
from workings.graphs.canonical import digest


@pytest.mark.parametrize("left", [b"", b"half of it"])
def test_a_blob_whose_writer_was_killed_is_put_whole(tmp_path, left):
    data = b'{"a":"' + b"x" * 300 + b'"}'
    blobs = Blobs(tmp_path)
    name = blobs.put(data)
    blobs.path(name).write_bytes(left)
    assert Blobs(tmp_path).put(data) == name and Blobs(tmp_path).get(name) == data
    assert [path.name for path in blobs.path(name).parent.iterdir()] == [f"{name}.json"]


def test_a_blob_that_the_disk_has_no_room_for_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    blobs = Blobs(tmp_path)
    folder = blobs.path(blobs.put(b"{}" * 200)).parent
    folder.joinpath(f"{digest(b'{}' * 200)}.json").unlink()
    monkeypatch.setattr("workings.graphs.blobs.os.write", full)
    with pytest.raises(OSError, match="No space"):
        blobs.put(b"{}" * 201)
    with pytest.raises(OSError, match="No space"):
        Blobs(tmp_path).put(b"{}" * 200)
    assert list(folder.iterdir()) == []
