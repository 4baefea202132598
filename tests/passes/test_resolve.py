"""Files and what they import: where they are looked for, what they may define, which names are known."""

from pathlib import Path

import pytest

from netdsl.compiler import Pipeline, diagnose
from netdsl.diagnostics import DiagnosticsError
from netdsl.passes.files import MAX_BYTES, bundled_nets, looks_like_file, read_net

NET = "net {name} {{ input 3x8x8 C3-8 R G F10 }}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, text: str) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return name


def codes(file: str) -> list[str]:
    return [d.code for d in diagnose(file) if d.severity == "error"]


def test_the_file_that_is_here_wins():
    assert read_net("vgg16").name == "bundled nets/vgg16.net"
    assert read_net("nets/vgg16.net").name == "bundled nets/vgg16.net"
    write("nets/vgg16.net", NET.format(name="mine"))
    assert read_net("nets/vgg16.net").name == "nets/vgg16.net"
    assert Pipeline.of("nets/vgg16.net").nets == ["mine"]


@pytest.mark.parametrize("text", ["vgg16", "toy.net", "nets/vgg16.net", "no_such_net"])
def test_words_that_mean_files(text):
    assert looks_like_file(text)


@pytest.mark.parametrize("text", ["CRCRPF10", "C3-8/2 R", "add { id | C3-8 }", "C3-{a/b}", "unit(3)"])
def test_words_that_are_nets(text):
    assert not looks_like_file(text)


def test_files_that_cannot_be_read():
    for name, data, code in [
        ("missing.net", None, "NET501"),
        ("folder.net", None, "NET502"),
        ("latin.net", "net caf\xe9".encode("latin-1"), "NET503"),
        ("zero.net", b"net a\0", "NET503"),
        ("large.net", b"#" * (MAX_BYTES + 1), "NET504"),
    ]:
        if name == "folder.net":
            Path(name).mkdir()
        elif data is not None:
            Path(name).write_bytes(data)
        assert codes(name) == [code]


def test_a_file_without_rights(monkeypatch):
    write("toy.net", NET.format(name="toy"))

    def refused(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    assert codes("toy.net") == ["NET505"]


def test_a_byte_order_mark_and_windows_line_ends():
    Path("toy.net").write_bytes(b"\xef\xbb\xbf" + NET.format(name="toy").replace(" ", "\r\n").encode())
    assert codes("toy.net") == []


def test_imports_bring_blocks_nets_and_recipes():
    write("units.net", "block unit(f) { C3-{f} R } recipe mnist { epochs = 3 }" + NET.format(name="base"))
    write("toy.net", "import units net toy { input 3x8x8 unit(4) G F2 } net more = base")
    pipeline = Pipeline.of("toy.net")
    assert pipeline.nets == ["toy", "more"]
    assert list(pipeline.program.recipes) == ["mnist"]
    assert codes("toy.net") == []


def test_imports_of_imports_once():
    write("a.net", 'import "parts/b.net" import "parts/c.net"' + NET.format(name="a"))
    write("parts/b.net", "import c block b() { c() }")
    write("parts/c.net", "block c() { R }")
    assert codes("a.net") == []


def test_bundled_nets_can_be_imported():
    write("toy.net", "import resnet net toy = resnet(n = 1)")
    assert codes("toy.net") == []
    assert Pipeline.of("toy.net").compile("toy").network.depth == 8


@pytest.mark.parametrize("path", ["../a.net", "/etc/passwd", "parts/../../a.net", "parts/link.net", "nothing.net"])
def test_imports_stay_inside(path, folder):
    (folder.parent / "a.net").write_text(NET.format(name="a"), encoding="utf-8")
    Path("parts").mkdir()
    Path("parts/link.net").symlink_to(folder.parent / "a.net")
    assert codes(write("toy.net", f'import "{path}"' + NET.format(name="toy"))) == ["NET213"]


def test_a_circle_is_found_from_anywhere():
    write("a.net", "import b " + NET.format(name="a"))
    write("b.net", "import c")
    write("c.net", "import b")
    assert codes("a.net") == ["NET213"]
    write("self.net", "import self " + NET.format(name="a"))
    assert codes("self.net") == ["NET213"]


def test_too_many_imports():
    for i in range(150):
        write(f"m{i}.net", f"import m{i + 1}")
    write("m150.net", "block b() { R }")
    assert codes("m0.net") == ["NET213"]


def test_what_hangs_on_a_missing_import_stays_silent():
    assert codes(write("toy.net", "import nothing net toy { input 3x8x8 unit(4) C3-{k} }")) == ["NET213"]


def test_a_files_own_recipe_wins():
    write("units.net", "recipe mnist { epochs = 3 }")
    write("toy.net", "import units recipe mnist { epochs = 5 }" + NET.format(name="toy"))
    pipeline = Pipeline.of("toy.net")
    assert pipeline.compile().network.recipes["mnist"].settings == {"epochs": 5}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("block b() { R } block b() { P }", "NET212"),
        ("block dropout() { R }", "NET212"),
        (NET.format(name="toy") * 2, "NET212"),
        ("recipe r { batch = 1 } recipe r { batch = 2 }", "NET212"),
        ("block b() { C3-{k} }", "NET203"),
        ("block b() { wobble }", "NET202"),
        ("block b(f) { let f = f + g }", "NET203"),
        ("block b() { if x { R } }", "NET203"),
        ("block b() { for i in [1] { C3-{i} } C3-{i} }", "NET203"),
        ("block b(k = j) { R }", "NET203"),
        ("block b() { if true { let k = 3 } C3-{k} }", "NET203"),
    ],
)
def test_names(text, code):
    assert codes(write("toy.net", text)) == [code]


def test_every_bundled_net_is_right():
    for name in bundled_nets():
        assert [d for d in diagnose(name) if d.severity == "error"] == [], name


def test_the_net_that_a_file_means():
    write("toy.net", NET.format(name="other") + NET.format(name="toy"))
    assert Pipeline.of("toy.net").nets == ["toy", "other"]
    assert Pipeline.of("toy.net:other").nets[0] == "other"
    with pytest.raises(DiagnosticsError):
        Pipeline.of("nothing.net")
