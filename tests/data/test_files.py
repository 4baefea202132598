"""Where data files are looked for, and downloads from a server on this machine."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from netdsl.data import load, mnist
from netdsl.diagnostics import DiagnosticsError


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Broken(Quiet):
    """Promises the whole file and hangs up after half of it."""

    def copyfile(self, source, outputfile):
        outputfile.write(source.read(100))
        self.close_connection = True


@pytest.fixture
def serve(monkeypatch):
    servers = []

    def start(folder, handler=Quiet):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


class Meter:
    total = 0
    seen = 0

    def update(self, count):
        self.seen += count

    def reset(self):
        self.seen = 0

    def close(self):
        pass


def test_a_download_into_the_cache(tiny_mnist, serve, monkeypatch, cache):
    monkeypatch.setattr(mnist, "MIRRORS", (serve(tiny_mnist),))
    said, meter = [], Meter()
    data = load("mnist", say=said.append, meter=meter)
    assert len(data.train_images) == 30
    assert sorted(file.name for file in (cache / "data" / "mnist").iterdir()) == sorted(f"{n}.gz" for n in mnist.FILES)
    assert sum(message.startswith("downloading http://127.0.0.1") for message in said) == 4
    assert meter.total == meter.seen > 0
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    assert len(load("mnist").train_images) == 30, "the second time nothing is asked for"


def test_the_next_mirror_is_tried(tiny_mnist, serve, monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(mnist, "MIRRORS", (serve(tmp_path / "empty"), serve(tiny_mnist)))
    assert len(load("mnist").train_images) == 30


def refused(tmp_path, caught, cache):
    message = str(caught.value)
    assert caught.value.diagnostics[0].code == "NET512"
    assert "--data-dir" in message and str(cache / "data" / "mnist") in message
    assert list((cache / "data" / "mnist").iterdir()) == [], "nothing half-written stays"
    return message


def test_a_server_without_the_file(serve, monkeypatch, tmp_path, cache):
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(mnist, "MIRRORS", (serve(tmp_path / "empty"),))
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist")
    assert "404" in refused(tmp_path, caught, cache)


def test_no_server(monkeypatch, tmp_path, cache, serve):
    monkeypatch.setattr(mnist, "MIRRORS", ("http://127.0.0.1:9/",))
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist")
    assert "no connection" in refused(tmp_path, caught, cache)


def test_a_download_with_other_contents(tiny_mnist, serve, monkeypatch, tmp_path, cache):
    (tiny_mnist / "train-images-idx3-ubyte.gz").write_bytes(b"something else")
    monkeypatch.setattr(mnist, "MIRRORS", (serve(tiny_mnist),))
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist")
    assert "another checksum" in refused(tmp_path, caught, cache)


def test_a_download_that_breaks_off(tiny_mnist, serve, monkeypatch, tmp_path, cache):
    monkeypatch.setattr(mnist, "MIRRORS", (serve(tiny_mnist, Broken),))
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist")
    refused(tmp_path, caught, cache)


def test_an_unwritable_cache(monkeypatch, tmp_path, tiny_mnist):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NETDSL_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(mnist, "MIRRORS", ())
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist")
    assert caught.value.diagnostics[0].code == "NET551"
    assert len(load("mnist", tiny_mnist).train_images) == 30, "files from a folder need no cache"


def test_a_folder_directly_or_by_the_name(tiny_mnist):
    assert len(load("mnist", tiny_mnist).train_images) == len(load("mnist", tiny_mnist.parent).train_images) == 30


def test_the_variable(tiny_mnist, monkeypatch):
    monkeypatch.setenv("NETDSL_DATA", str(tiny_mnist.parent))
    assert len(load("mnist").train_images) == 30


def test_the_variable_without_this_data_set_falls_back_to_the_cache(tiny_mnist, monkeypatch, tmp_path):
    load("mnist", tiny_mnist)
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("NETDSL_DATA", str(tmp_path / "other"))
    assert len(load("mnist").train_images) == 30


@pytest.mark.parametrize("make", ["nothing", "file", "folder", "lacking"])
def test_a_wrong_data_dir(tiny_mnist, tmp_path, make):
    load("mnist", tiny_mnist)
    given = tmp_path / "given"
    if make == "file":
        given.write_text("")
    if make == "folder":
        given.mkdir()
    if make == "lacking":
        given = tiny_mnist
        (given / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DiagnosticsError) as caught:
        load("mnist", given)
    assert caught.value.diagnostics[0].code == "NET511"
    assert str(given) in str(caught.value)


def test_an_unknown_data_set():
    with pytest.raises(DiagnosticsError) as caught:
        load("mnst")
    assert caught.value.diagnostics[0].code == "NET510"
    assert "`mnist`" in str(caught.value)
