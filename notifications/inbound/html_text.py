"""HTML of strangers: cleaned for a look at it, and as plain text. Knows no framework."""

import re
from html.parser import HTMLParser

import nh3

HTML_AT_MOST = 1_000_000  # characters
TAGS = nh3.ALLOWED_TAGS - {"area", "map", "img", "article", "nav", "aside", "header", "footer"}
ATTRIBUTES = {"a": {"href", "title"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}
# As the cleaner writes it: a quotation mark never stands inside an attribute.
_IMAGE = re.compile(r'<img((?:\s+[a-z-]+="[^"]*")*)\s*/?>')
_ALT = re.compile(r'\salt="([^"]*)"')
BLOCKS = {
    "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "hr", "dt", "dd",
    "blockquote", "section", "center",
}  # fmt: skip
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"}


def cleaned(html: str) -> str:
    """Without scripts, forms, styles and anything that would be fetched; a picture becomes its name in words."""
    html = html[:HTML_AT_MOST]
    first = nh3.clean(html, tags=TAGS | {"img"}, attributes=ATTRIBUTES | {"img": {"alt"}}, url_schemes=SCHEMES)
    return nh3.clean(_IMAGE.sub(_in_words, first), tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)


def _in_words(image: re.Match[str]) -> str:
    alt = _ALT.search(image.group(1))
    return f"[{alt.group(1).strip()}]" if alt and alt.group(1).strip() else "[…]"


def as_text(clean_html: str) -> str:
    """The words of cleaned HTML; what was quoted keeps its marks, a link its address."""
    writer = _Writer()
    writer.feed(clean_html)
    writer.close()
    lines = [line.rstrip() for line in "".join(writer.words).split("\n")]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line.strip("> ") or before.strip("> ")]
    return "\n".join(kept).strip()


class _Writer(HTMLParser):
    """Collects words; a new block is a new line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._quoted = 0
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quoted = min(self._quoted + 1, 10)
        if tag in BLOCKS:
            self._new_line(also_empty=tag == "br")
        if tag == "li":
            self.words.append("- ")
        if tag in ("td", "th"):
            self.words.append(" ")
        if tag == "a":
            self._href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quoted = max(self._quoted - 1, 0)
        if tag in BLOCKS:
            self._new_line(also_empty=tag in PARAGRAPHS)
        if tag == "a":
            self._say_where()

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        if self._at_line_start():
            words = words.lstrip()
        if words:
            self.words.append(words)

    def _say_where(self) -> None:
        address, self._href = self._href, ""
        if address.startswith("http") and address not in "".join(self.words[-3:]):
            self.words.append(f" ({address[:300]})")

    def _new_line(self, *, also_empty: bool = False) -> None:
        """Boxes in boxes begin one line; only a paragraph's end and a break may leave an empty one."""
        begin = "\n" + "> " * self._quoted
        if self._at_line_start() and not also_empty:
            self.words[-1:] = [begin] if self.words else [begin[1:]]
        else:
            self.words.append(begin)

    def _at_line_start(self) -> bool:
        return not self.words or self.words[-1].strip("\n> ") == ""
