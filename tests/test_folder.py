import os
import socket

import pytest
from workings.tools.errors import DocumentError, SettingsError
from workings.tools.folder import (
    MAX_BYTES,
    content_id,
    document_id,
    find_files,
    open_regular,
    read_bytes,
    restore,
    show,
    store,
)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.txt").write_text("good")
    return folder


def reasons(skipped):
    return {item.path.name: item.reason for item in skipped}


def test_files_are_found_in_sub_folders_once_and_in_order(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "B.PDF").write_bytes(b"x")
    (folder / "a.md").write_text("a")
    found, skipped = find_files([folder, folder / "a.md", folder / "sub"])
    assert [str(item.path.relative_to(folder)) for item in found] == [
        "a.md",
        "good.txt",
        "sub/B.PDF",
    ]
    assert skipped == []


def test_a_pipe_a_socket_and_links_are_named_and_not_opened(folder, tmp_path, monkeypatch):
    (tmp_path / "secret.txt").write_text("secret")
    os.mkfifo(folder / "pipe.pdf")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "zero.pdf").symlink_to("/dev/zero")
    (folder / "loop").symlink_to(folder)
    (folder / "self.pdf").symlink_to(folder / "self.pdf")
    (folder / "twin.txt").symlink_to(folder / "good.txt")
    monkeypatch.chdir(folder)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.txt")
        found, skipped = find_files([folder])
    assert [item.path.name for item in found] == ["good.txt"]
    why = reasons(skipped)
    assert "pipe" in why["pipe.pdf"]
    assert "socket" in why["s.txt"]
    assert why["out.txt"] == why["zero.pdf"] == "a link that leads out of the folder; not followed"
    assert why["loop"] == why["self.pdf"] == why["twin.txt"] == "a link; not followed"


def test_a_link_that_is_put_there_later_is_not_followed(folder, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    found, _ = find_files([folder])
    found[0].path.unlink()
    found[0].path.symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DocumentError, match="not a regular file"):
        open_regular(found[0].path, found[0].root)


def test_a_folder_swapped_for_a_link_does_not_lead_out(folder, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.txt").write_text("secret")
    (folder / "sub").symlink_to(tmp_path / "other")
    with pytest.raises(DocumentError, match="outside the given folder"):
        open_regular(folder / "sub" / "x.txt", folder)


def test_a_huge_file_is_refused_before_it_is_read(folder):
    with open(folder / "huge.pdf", "wb") as file:
        file.truncate(20 * 10**9)
    found, skipped = find_files([folder])
    assert [item.path.name for item in found] == ["good.txt"]
    assert reasons(skipped)["huge.pdf"] == "is 20,000 MB large; at most 200 MB are read"
    with pytest.raises(DocumentError, match="20,000 MB"):
        read_bytes(folder / "huge.pdf", folder, MAX_BYTES)


def test_other_kinds_and_hidden_files_are_left_out(folder):
    (folder / "a.pptx").write_bytes(b"x")
    (folder / "README").write_bytes(b"x")
    (folder / ".hidden.txt").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.txt").write_bytes(b"x")
    found, skipped = find_files([folder])
    assert [item.path.name for item in found] == ["good.txt"]
    why = reasons(skipped)
    assert sorted(why) == [".hidden.txt", "README", "a.pptx"]
    assert why["a.pptx"].startswith(".pptx is not a kind that is read (.csv, .docx, ")


def test_a_named_link_is_the_persons_own_choice(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert len(find_files([tmp_path / "link"])[0]) == 1


@pytest.mark.parametrize("name", ["missing", "a\0b", "x" * 300])
def test_a_missing_path_is_a_settings_error(tmp_path, name):
    with pytest.raises(SettingsError, match="Cannot find the documents at"):
        find_files([tmp_path / name])


def test_no_path_is_a_settings_error():
    with pytest.raises(SettingsError, match="No documents were given"):
        find_files([])


def test_a_folder_with_nothing_to_read_says_what_was_left_out(tmp_path):
    (tmp_path / "a.pptx").write_bytes(b"x")
    with pytest.raises(
        DocumentError, match=r"no readable document in .* Left out: a\.pptx: \.pptx"
    ):
        find_files([tmp_path])


NAMES = [
    b"r\xc3\xa9sum\xc3\xa9.txt",
    b"re\xcc\x81sume\xcc\x81.txt",
    b"latin-\xe9\xff.txt",
    b"line\nbreak\ttab.txt",
    b"invoice\xe2\x80\xaefdp.txt",
    b"zero\xe2\x80\x8bwidth.txt",
    b"back\\slash\\x41.txt",
    b"esc\x1b[31m.txt",
    b"-rf.txt",
    b" lead and trail .txt",
    b"%2e%2e%2f.txt",
    "報告書 \U0001f4c4.txt".encode(),
    b"n" * 251 + b".txt",
]


def test_odd_names_come_back_and_are_shown_without_what_acts_on_a_terminal(tmp_path):
    for name in NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(name)
    found, _ = find_files([tmp_path])
    assert sorted(os.fsencode(item.path.name) for item in found) == sorted(NAMES)
    for item in found:
        assert read_bytes(item.path, item.root) == os.fsencode(item.path.name)
        for text in (show(item.path), store(item.path)):
            assert restore(text) == item.path
            text.encode("utf-8")
        assert not any(c in show(item.path.name) for c in "\n\t\x1b\u202e\u200b")
    assert len({show(item.path.name) for item in found}) == len(NAMES)


def test_the_id_of_a_file_is_the_id_of_its_bytes(folder):
    found, _ = find_files([folder])
    assert document_id(found[0]) == content_id(b"good")
    assert len(content_id(b"good")) == 32
