"""A paper as a DOCX document: what is signed and filed leaves the desk on A4, in the company's language."""

import io
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle

from audit.export import NOT_IN_XML
from response.models import PaperVersion

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY, HEADING = "仿宋", "黑体"  # what official letters are set in; a machine without them shows its own


def docx_of(version: PaperVersion) -> bytes:
    """The version on paper: head, what it is about, the sections, the signature, and the fingerprint it is bound to."""
    with translation.override(settings.LANGUAGE_CODE):
        document = blank(title_of(version))
        document.add_heading(title_of(version), level=0).alignment = WD_ALIGN_PARAGRAPH.CENTER
        table_of(document, facts_of(version))
        for heading, words in version.parts:
            document.add_heading(str(heading), level=1)
            for line in (words or "—").split("\n"):
                document.add_paragraph(clean(line))
        division_of_work(document, version)
        stay_with_what_follows(document)  # a signature alone on its page could stand under anything
        document.add_heading(_("Signature"), level=1)
        document.add_paragraph(clean(signature_of(version)))
        add_foot(document, f"{version.paper.number} v{version.number} · SHA-256 {version.text_hash}")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def clean(words: str) -> str:
    """Without what XML cannot hold."""
    return NOT_IN_XML.sub("", words)


def title_of(version: PaperVersion) -> str:
    paper = version.paper
    words = {"what": paper.get_kind_display(), "incident": paper.incident.title}
    return capfirst(clean(_("%(what)s: %(incident)s") % words))


def facts_of(version: PaperVersion) -> list[tuple[str, str]]:
    """The rows of the head: number, to whom, under which article, level."""
    paper = version.paper
    rows = [(_("Number"), f"{paper.number} v{version.number}")]
    if settings.COMPANY_NAME:
        rows.append((pgettext("report to a regulator", "From"), settings.COMPANY_NAME))
    if paper.duty is not None:
        rows += [(_("To"), paper.duty.rule.authority), (_("Under"), paper.duty.rule.law)]
    rows += [(_("Incident"), paper.incident.number), (_("Level"), paper.incident.level_label)]
    if paper.exercise_id:
        rows.insert(0, (_("Drill"), _("This is a drill. Nothing of it is true.")))
    return rows


def signature_of(version: PaperVersion) -> str:
    if version.signed_at is None or version.decided_by is None:
        return _("Not signed: a draft.")
    at = f"{timezone.localtime(version.signed_at):%Y-%m-%d %H:%M}"
    words = {"person": version.decided_by, "title": version.decided_by.title, "at": at, "for": version.acting_for}
    if version.acting_for is not None:
        return _("%(person)s, acting for %(for)s, %(at)s") % words
    return _("%(person)s (%(title)s), %(at)s") % words


def division_of_work(document: Doc, version: PaperVersion) -> None:
    rows = list(version.rows.all())
    if not rows:
        return
    document.add_heading(_("Division of work"), level=1)
    lines = [(row.what, str(row.who), f"{timezone.localtime(row.due_at):%Y-%m-%d %H:%M}") for row in rows]
    table_of(document, [(_("What"), _("Who"), _("By when")), *lines], bold_first_row=True)


# --- how it looks ----------------------------------------------------------------------------------------------------
def blank(title: str) -> Doc:
    """A4 with the margins of an official letter."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.2), Cm(2.8)
    section.left_margin, section.right_margin = Cm(2.7), Cm(2.5)
    language = document.styles.element.find(f".//{qn('w:lang')}")
    assert language is not None
    language.set(qn("w:eastAsia"), "zh-CN")  # else a machine without the fonts shows Japanese forms of the characters
    document.core_properties.title = title
    document.core_properties.author = settings.COMPANY_NAME
    for name, font, size in (
        ("Normal", BODY, 14),
        ("Title", HEADING, 20),
        ("Heading 1", HEADING, 15),
        ("Footer", BODY, 8),
    ):
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name, style.font.size = font, Pt(size)
        style.font.color.rgb = None
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script in ("ascii", "hAnsi", "eastAsia"):
            fonts.set(qn(f"w:{script}"), font)
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    document.styles["Normal"].paragraph_format.line_spacing = 1.5
    document.styles["Normal"].paragraph_format.space_after = Pt(2)
    return document


def table_of(document: Doc, rows: Sequence[tuple[str, ...]], *, bold_first_row: bool = False) -> None:
    """A table with lines; bold are the first column's words, or the first row's."""
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    table.autofit = False
    widths = (3.2, 12.6) if len(rows[0]) == 2 else (8.0, 3.4, 4.4)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for place, row in enumerate(rows):
        line = table.add_row()
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if bold_first_row and place == 0:
            line._tr.trPr.append(OxmlElement("w:tblHeader"))  # again on the next page
        for column, (cell, words) in enumerate(zip(line.cells, row, strict=True)):
            cell.width = Cm(widths[column])
            cell.paragraphs[0].paragraph_format.line_spacing = 1.2
            run = cell.paragraphs[0].add_run(clean(str(words)))
            run.font.size = Pt(11)
            run.bold = place == 0 if bold_first_row else column == 0


def stay_with_what_follows(document: Doc) -> None:
    """Keep the last paragraph, or the last row of a table, on the page of what comes next."""
    last = document.element.body[-2]  # the very last is the section's properties
    for paragraph in [last] if last.tag == qn("w:p") else last[-1].iter(qn("w:p")):
        paragraph.get_or_add_pPr().get_or_add_keepNext()


def add_foot(document: Doc, words: str) -> None:
    """The fingerprint and the page number under every page."""
    line = document.sections[0].footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = line.add_run(f"{words} · ")
    run.font.size = Pt(7.5)
    number = line.add_run()
    number.font.size = Pt(7.5)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if text is None:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), str(kind))
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        number._r.append(part)
