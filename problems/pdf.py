"""A report as PDF: the same words as on its page, on paper. Plain text throughout: nothing in it is interpreted."""

from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language
from fpdf import FPDF, XPos, YPos

from problems import drafting
from problems.models import Report
from problems.report_words import report_lines

FONTS = Path(__file__).parent / "fonts"
MARGIN, LINE = 22, 5.6  # millimetres
MOST_FOOT = 90  # characters beside the number of the page
INK, QUIET, ACCENT = (27, 34, 38), (70, 80, 86), (11, 97, 112)  # as on the screen


def render(report: Report) -> bytes:
    """In the customer's language and by its clocks, whoever prints it."""
    with drafting.as_read_by(report.customer):
        page = _Page(report)
        page.add_page()
        page.heading(report.title, size=17, above=0)
        page.text(_subtitle(report), colour=QUIET)
        page.rule()
        for heading, words in report_lines(report):
            page.heading(heading)
            page.text(words)
        return bytes(page.output())


def _subtitle(report: Report) -> str:
    day = format_date(timezone.localtime(report.released_at), "j F Y")
    incidents = ", ".join(report.content.get("incidents", []))
    return f"{report.customer.name} · {report.name} · {day} · {incidents}"


class _Page(FPDF):
    """A4, one column, in a font that has the letters of nearly all languages."""

    def __init__(self, report: Report) -> None:
        super().__init__(format="A4")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.add_font("sans", fname=FONTS / "DejaVuSans.ttf")
        self.add_font("sans", style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
        self.foot = f"{report.customer.name} · {report.title}"
        self.set_title(report.title)
        self.set_author("Evenkeel")
        self.set_lang(get_language() or "en")
        self.set_creation_date(report.released_at)

    def heading(self, words: Any, *, size: float = 12, above: float = 4) -> None:
        self.ln(above)
        self.set_font("sans", "B", size)
        self.set_text_color(*INK)
        self._lines(str(words), LINE * size / 10)

    def text(self, words: Any, *, colour: tuple[int, int, int] = INK) -> None:
        self.set_font("sans", "", 10)
        self.set_text_color(*colour)
        self._lines(str(words), LINE)

    def rule(self) -> None:
        """A line across, below what this is."""
        self.ln(3)
        self.set_draw_color(*ACCENT)
        self.set_line_width(0.6)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(1)

    def _lines(self, words: str, height: float) -> None:
        self.multi_cell(0, height, words, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def footer(self) -> None:
        self.set_y(-MARGIN + 6)
        self.set_font("sans", "", 8)
        self.set_text_color(*QUIET)
        half = (self.w - 2 * MARGIN) / 2
        foot = self.foot if len(self.foot) <= MOST_FOOT else self.foot[:MOST_FOOT] + "…"
        self.cell(half * 1.7, LINE, foot)
        self.cell(half * 0.3, LINE, f"{self.page_no()} / {{nb}}", align="R")
