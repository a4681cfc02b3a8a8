"""Documents as HTML, Word and PDF: read back, compared, and given hostile words."""

import hashlib
import io
import itertools
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image

from suanli.errors import InputError
from suanli.report import pdf
from suanli.report.document import (
    Bullets,
    Column,
    Document,
    Note,
    Paragraph,
    Picture,
    Section,
    Table,
    mark,
)
from suanli.report.page import write_page
from suanli.report.pdf import write_pdf
from suanli.report.plan import fitted, plain, plan_of
from suanli.report.word import write_word
from suanli.text import LANGUAGES, Text

TAGS = {"zh": "zh-CN", "en": "en"}
HOSTILE = (
    "<script>window.__pwned=1</script>",
    "</style></title><img src=x onerror=window.__pwned=1>",
    '" autofocus onfocus="window.__pwned=1',
    "<![CDATA[<w:p>]]>&lt;&#60;&e;--><!--",
    "{{7*7}}{% raw %}{0.__class__}%(x)s${body}$body",
    '=HYPERLINK("http://evil.example/","x")',
    '\\" \\h HYPERLINK "http://evil.example" { INCLUDEPICTURE x } DDEAUTO c:\\cmd.exe',
    '#eval("1") #read("/etc/passwd") $ x $ *b* _i_ `r` @ref <label> // /* \\',
    "\x00\x07\x1b[2J\u202egpj.exe\u2066\ud800\ufffe",
    "\ue000nothing\ue001 \ue001\ue000",
    "line\none\ttab\u2028end",
)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "map.png"
    Image.linear_gradient("L").resize((900, 600)).convert("RGB").save(path)
    return path


def sample(picture, lang="zh", *, words=""):
    """A document with every kind of block; ``words`` go into every text."""
    columns = (Column(title=f"Unit{words}"), Column(title="Score", align="right"))
    rows = tuple((f"单元 {place}{words}", f"{place}.5") for place in range(40))
    table = Table(
        key="scores",
        caption=f"Scores{words}",
        columns=columns,
        rows=rows,
        note=f"Intervals as in {mark('map')}.{words}",
    )
    drawn = Picture(
        key="map", caption=f"A map{words}", path=picture, alt=f'What "it" <shows>{words}'
    )
    first = Section(
        key="first",
        title=f"First{words}",
        blocks=(
            Paragraph(text=f"见 {mark('scores')} 与 {mark('map')}。“引号”{words}"),
            table,
            Note(text=f"Beware{words}"),
        ),
        sections=(Section(key="inner", title=f"Inner{words}", blocks=(drawn,)),),
    )
    second = Section(
        key="second",
        title=f"Second{words}",
        blocks=(Bullets(items=(f"One {mark('map')}{words}", "Two")),),
    )
    return Document(
        lang=TAGS[lang],
        title=f"Report{words}",
        subtitle=f"Subtitle{words}",
        facts=((f"Year{words}", f"2023{words}"),),
        abstract=(Paragraph(text=f"Abstract text.{words}"),),
        sections=(first, second),
    )


@pytest.fixture(scope="module", params=LANGUAGES)
def word(request, picture, tmp_path_factory):
    path = tmp_path_factory.mktemp("word") / "report.docx"
    write_word(sample(picture, request.param), Text(request.param), path)
    return request.param, docx.Document(str(path)), path


def codes(paragraphs):
    found = itertools.chain.from_iterable(p.iter(qn("w:instrText")) for p in paragraphs)
    return [element.text.strip() for element in found]


def test_headings_are_real_and_numbered(word):
    _, file, _ = word
    told = [(p.style.name, p.text) for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert told == [("Heading 1", "First"), ("Heading 2", "Inner"), ("Heading 1", "Second")]
    style = file.styles["Heading 2"].element
    assert style.find(".//" + qn("w:numPr")).find(qn("w:ilvl")).get(qn("w:val")) == "1"
    levels = file.part.numbering_part.element.findall(".//" + qn("w:lvlText"))
    assert [level.get(qn("w:val")) for level in levels[:3]] == ["%1", "%1.%2", "%1.%2.%3"]


def test_captions_count_by_themselves(word):
    lang, file, _ = word
    captions = [p for p in file.paragraphs if p.style.name == "Caption"]
    names = {"zh": ("表", "图"), "en": ("Table", "Figure")}[lang]
    assert [p.text for p in captions] == [f"{names[0]} 1  Scores", f"{names[1]} 1  A map"]
    assert codes(p._p for p in captions) == [f"SEQ {name} \\* ARABIC" for name in names]


def test_every_reference_has_its_bookmark_and_shows_it(word):
    lang, file, _ = word
    body = file.element.body
    named = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    identifiers = [mark.get(qn("w:id")) for mark in body.iter(qn("w:bookmarkStart"))]
    assert len(set(identifiers)) == len(identifiers)
    references = [code.split()[1] for code in codes([body]) if code.startswith("REF")]
    assert len(references) == 4
    assert set(references) <= named
    links = {link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))}
    assert len(links) == 3
    assert links <= named
    shown = next(p.text for p in file.paragraphs if p.text.startswith("见"))
    table, figure = {"zh": ("表 1", "图 1"), "en": ("Table 1", "Figure 1")}[lang]
    assert shown == f"见 {table} 与 {figure}。“引号”"


def test_contents_are_filled_in_and_nothing_asks_for_an_update(word):
    _, file, path = word
    contents = [p for p in file.paragraphs if re.match(r"toc \d", p.style.name.lower())]
    links = [link for p in contents for link in p._p.iter(qn("w:hyperlink"))]
    told = ["".join(text.text for text in link.iter(qn("w:t"))) for link in links]
    assert told == ["1  First", "1.1  Inner", "2  Second"]
    assert any(code.startswith("TOC ") for code in codes([file.element.body]))
    for element in file.element.body.iter(qn("w:fldChar")):
        assert element.get(qn("w:dirty")) is None
    with zipfile.ZipFile(path) as archive:
        assert b"updateFields" not in archive.read("word/settings.xml")
        assert b'compatibilityMode" w:val="15"' in archive.read("word/settings.xml")


def test_fields_are_balanced(word):
    _, file, _ = word
    kinds = [e.get(qn("w:fldCharType")) for e in file.element.body.iter(qn("w:fldChar"))]
    assert kinds.count("begin") == kinds.count("separate") == kinds.count("end") > 5


def test_every_style_has_an_east_asian_font(word):
    _, file, _ = word
    with_text = [s for s in file.styles if s.type is not None and s.element.rPr is not None]
    assert len(with_text) > 15
    for style in with_text:
        fonts = style.element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) in {"SimSun", "SimHei"}, style.name
        assert fonts.get(qn("w:asciiTheme")) is None
    assert file.styles["Heading 1"].element.rPr.find(qn("w:rFonts")).get(qn("w:ascii")) == "Arial"


def test_tables_repeat_their_head_and_numbers_stand_to_the_right(word):
    _, file, _ = word
    (table,) = file.tables
    first, *others = table.rows
    assert first._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in others)
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert table.rows[3].cells[1].paragraphs[0].style.name == "Table Number"
    right = file.styles["Table Number"].element.find(".//" + qn("w:jc"))
    assert right.get(qn("w:val")) == "right"
    assert table.rows[40].cells[0].text == "单元 39"


def test_pictures_fit_and_say_what_they_show(word):
    _, file, _ = word
    (shape,) = file.inline_shapes
    section = file.sections[0]
    assert shape.width <= section.page_width - section.left_margin - section.right_margin
    described = shape._inline.docPr.get("descr")
    assert described == 'What "it" <shows>'


def test_page_header_footer_and_properties(word):
    lang, file, path = word
    section = file.sections[0]
    assert (section.page_width.cm, section.page_height.cm) == pytest.approx((21, 29.7), abs=0.01)
    assert section.header.paragraphs[0].text == "Report"
    assert codes([section.footer._element]) == ["PAGE", "NUMPAGES"]
    properties = file.core_properties
    assert (properties.title, properties.author) == ("Report", Text(lang)("document.author"))
    assert properties.created.year == 2000
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "thumbnail" in name]
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(archive.read(name))  # noqa: S314 - our own


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("write", [write_page, write_word, write_pdf])
def test_equal_documents_give_equal_bytes(write, lang, picture, tmp_path):
    if write is write_pdf:
        pytest.importorskip("typst")
    digests = set()
    for name in ("a", "b"):
        write(sample(picture, lang), Text(lang), tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a", "b"]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words_in_word(words, picture, tmp_path):
    path = tmp_path / "a.docx"
    write_word(sample(picture, words=words), Text("zh"), path)
    file = docx.Document(str(path))
    wanted = " ".join(plain(re.sub("[\ue000\ue001]", "", words)).split())
    texts = [p.text for p in file.paragraphs] + [c.text for c in file.tables[0].columns[0].cells]
    found = [" ".join(re.sub("[\ue000\ue001]", "", text).split()) for text in texts]
    assert sum(wanted in text for text in found) > 45
    # What is said never becomes an instruction, a link out or a part of its own.
    allowed = ("TOC ", "SEQ 表 ", "SEQ 图 ", "REF _Ref")
    assert all(code.startswith(allowed) for code in codes([file.element.body]))
    external = [r for r in file.part.rels.values() if r.is_external]
    assert external == []
    assert len(file.tables) == 1


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words_on_the_page(words, picture, tmp_path):
    path = tmp_path / "a.html"
    write_page(sample(picture, words=words), Text("zh"), path)
    html = path.read_text(encoding="utf-8")
    assert html.count("<script") == html.count("onerror=window.__pwned=1>") == 0
    tags = re.findall(r"<(\w+)", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
    write_page(sample(picture), Text("zh"), path)
    plainly = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert tags == re.findall(r"<(\w+)", plainly)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words_in_pdf(words, picture, tmp_path):
    pytest.importorskip("typst")
    path = tmp_path / "a.pdf"
    write_pdf(sample(picture, words=words), Text("zh"), path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF")
    assert b"evil.example" not in b"".join(re.findall(rb"/URI \([^)]*\)", data))


def test_a_page_forbids_everything_but_its_own_style(picture, tmp_path):
    path = tmp_path / "a.html"
    write_page(sample(picture, "en"), Text("en"), path)
    html = path.read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy.replace("&#39;", "'").startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe-inline" not in policy
    assert 'style="' not in html
    assert '<html lang="en">' in html
    anchors = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= anchors
    assert '<a href="#t1">Table 1</a>' in html
    assert 'alt="What &#34;it&#34; &lt;shows&gt;"' in html


def test_without_typst_the_remedy_is_told(monkeypatch, picture, tmp_path):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(pdf.importlib, "import_module", absent)
    with pytest.raises(InputError, match=r"pip install 'suanli-atlas\[pdf\]'") as caught:
        write_pdf(sample(picture), Text("zh"), tmp_path / "a.pdf")
    assert caught.value.problems[0].code == "document.no_typst"
    assert not (tmp_path / "a.pdf").exists()


def test_a_failed_write_leaves_the_earlier_file(picture, tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"earlier")
    document = sample(tmp_path / "absent.png")
    with pytest.raises(OSError, match="absent"):
        write_word(document, Text("zh"), path)
    assert path.read_bytes() == b"earlier"


def test_a_row_of_the_wrong_length_is_a_fault(tmp_path):
    table = Table(key="t", caption="", columns=(Column(title="A"),), rows=(("1", "2"),))
    section = Section(key="s", title="S", blocks=(table,))
    with pytest.raises(ValueError, match="1 columns, 2 cells"):
        plan_of(Document(lang="en", title="", subtitle="", sections=(section,)), Text("en"))


def test_two_blocks_of_one_key_are_a_fault(picture):
    drawn = Picture(key="a", caption="A", path=picture, alt="")
    section = Section(key="s", title="S", blocks=(drawn, drawn))
    with pytest.raises(ValueError, match="key 'a'"):
        plan_of(Document(lang="en", title="", subtitle="", sections=(section,)), Text("en"))


def test_columns_of_numbers_are_not_broken():
    columns = (Column(title="Unit"), *(Column(title="N", align="right") for _ in range(6)))
    row = ("克孜勒苏柯尔克孜自治州", *["53.97（134）"] * 6)
    table = Table(key="t", caption="", columns=columns, rows=(row,))
    wide, narrow = fitted(table, 900, 9.5), fitted(table, 450, 9.5)
    assert wide.points == 9.5
    assert narrow.points < 9.5
    # Eight narrow signs and two wide ones.
    assert narrow.shares[1] * 450 / narrow.points >= 8 * 0.56 + 2
    assert sum(narrow.shares) == pytest.approx(1)


@pytest.mark.slow
def test_an_office_program_opens_the_word_file(to_pdf, word, tmp_path):
    _, _, path = word
    (made,) = to_pdf([path], tmp_path)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made.read_bytes())) >= 3


def test_pictures_are_made_small(tmp_path):
    large = tmp_path / "large.png"
    Image.effect_noise((3000, 2000), 60).convert("RGB").save(large)
    write_word(sample(large), Text("zh"), tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".png")]
        with Image.open(io.BytesIO(archive.read(name))) as picture:
            assert picture.size == (1500, 1000)
            assert picture.mode == "P"


def test_nothing_is_left_in_the_temporary_folder(monkeypatch, picture, tmp_path):
    pytest.importorskip("typst")
    monkeypatch.setattr(pdf.tempfile, "tempdir", str(tmp_path))
    write_pdf(sample(picture), Text("zh"), tmp_path / "out" / "a.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_template_reads_nothing_but_its_data():
    template = Path(pdf.__file__).parent / "templates" / "report.typ"
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|\bread\(|#import|#include|@preview", source)
    assert re.findall(r'json\("([^"]+)"\)', source) == ["document.json"]
