"""Seal a page so that it needs nothing from outside, and prove it before it is written."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

from geo.errors import CartographyError

__all__ = ["CSP_MARK", "check_offline", "csv_script", "script_json", "seal_page"]

#: Stands in the page where the content security policy goes.
CSP_MARK = '<meta http-equiv="Content-Security-Policy" content="">'
_DATA_TYPES = ("application/json",)
_LOADERS = ("src", "href", "srcset", "data", "action", "formaction", "poster", "background")
_FORBIDDEN_TAGS = ("iframe", "object", "embed", "base", "form", "link", "frame", "applet")
# A link a reader may follow: a page in the same folder, and a place on it.
_SIBLING = re.compile(r"[a-z0-9][a-z0-9_-]*\.html(#[A-Za-z0-9_-]*)?")
_CSS_REACH = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)
_CODE_REACH = re.compile(
    r"\bimport\s*\(|\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts"
    r"|new\s+(?:Shared)?Worker|\beval\s*\(|new\s+Function|sourceMappingURL"
)
# Namespaces and the name of a library are not requests.
_ADDRESS = re.compile(r"https?://(?!www\.w3\.org/|leafletjs\.com)[^\s\"'`]*")


def script_json(value: Any) -> str:
    r"""Write JSON that may stand inside a script element.

    Parameters
    ----------
    value : Any
        Lists, dicts, strings, finite numbers, booleans and None.

    Returns
    -------
    str
        Compact JSON in which no ``</script>``, comment or line separator can occur.

    Raises
    ------
    ValueError
        A number is NaN or infinite.

    Examples
    --------
    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def csv_script() -> str:
    """Return the part of a page's script that keeps tables as CSV files.

    Returns
    -------
    str
        Functions ``guard(text)``, as :func:`geo.export.table.guard_formula`, ``csvText(lines)``
        and ``save(content, type, name)``; they need nothing else.

    Examples
    --------
    >>> "function csvText(lines)" in csv_script()
    True
    """
    source = files("geo.cartography") / "assets" / "page" / "csv.js"
    return source.read_text(encoding="utf-8")


def seal_page(html: str) -> str:
    """Put a content security policy into a page that allows just its own inline scripts.

    Parameters
    ----------
    html : str
        A page with :data:`CSP_MARK` in its head.

    Returns
    -------
    str
        The same page with the policy.

    Raises
    ------
    CartographyError
        ``cartography.unsealed``: the mark is missing or not unique.

    Examples
    --------
    >>> sealed = seal_page(f"<head>{CSP_MARK}</head><script>1</script>")
    >>> "script-src 'sha256-" in sealed
    True
    """
    if html.count(CSP_MARK) != 1:
        raise CartographyError(
            "a page must hold the mark of its content security policy exactly once",
            code="cartography.unsealed",
            got=html.count(CSP_MARK),
            expected=1,
        )
    hashes = " ".join(dict.fromkeys(_hash(script) for script in _read(html).scripts))
    policy = (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; "
        "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    return html.replace(CSP_MARK, CSP_MARK.replace('content=""', f'content="{policy}"'))


def check_offline(html: str) -> None:
    """Refuse a page that could ask for anything from outside, or is not sealed.

    Parameters
    ----------
    html : str
        The whole page.

    Raises
    ------
    CartographyError
        ``cartography.not_offline``, with everything that was found.

    Examples
    --------
    >>> check_offline(seal_page(f"<head>{CSP_MARK}</head><script>1</script>"))
    >>> check_offline('<img src="https://example.org/a.png">')
    Traceback (most recent call last):
    geo.errors.CartographyError: the page is not self-contained: ...
    """
    page = _read(html)
    faults = list(page.faults)
    for style in page.styles:
        faults += [f"style {found}" for found in _CSS_REACH.findall(style)]
    for script in page.scripts:
        faults += [f"script {found}" for found in _CODE_REACH.findall(script)]
        faults += [f"address {found}" for found in _ADDRESS.findall(script)]
        if _hash(script) not in page.policy:
            faults.append("a script the content security policy does not name")
    if "default-src 'none'" not in page.policy:
        faults.append("no content security policy")
    if faults:
        raise CartographyError(
            f"the page is not self-contained: {'; '.join(faults[:5])}",
            code="cartography.not_offline",
            faults=faults,
        )


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


class _Page(HTMLParser):
    """What of a page can act: scripts, styles, loading attributes, the policy."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.faults: list[str] = []
        self.policy = ""
        self._sink: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _FORBIDDEN_TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in values.items():
            self._attribute(tag, name, value)
        if values.get("http-equiv", "").lower() == "content-security-policy":
            self.policy += values.get("content", "")
        if values.get("http-equiv", "").lower() == "refresh":
            self.faults.append("<meta refresh>")
        if tag == "script" and values.get("type") not in _DATA_TYPES:
            self.scripts.append("")
            self._sink = self.scripts
        elif tag == "style":
            self.styles.append("")
            self._sink = self.styles

    def _attribute(self, tag: str, name: str, value: str) -> None:
        bare = name.removeprefix("xlink:")
        near = value.strip().startswith(("#", "data:"))
        near |= tag == "a" and name == "href" and bool(_SIBLING.fullmatch(value))
        if bare in _LOADERS and not near:
            self.faults.append(f"<{tag} {name}={value[:60]!r}>")
        if name.startswith("on"):
            self.faults.append(f"<{tag} {name}>")
        if name == "style":
            self.styles.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._sink = None

    def handle_data(self, data: str) -> None:
        if self._sink is not None:
            self._sink[-1] += data


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page
