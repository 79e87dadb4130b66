"""Small pdf and docx files, made where a test needs them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable


def pdf(*pages: str) -> bytes:
    """A PDF of one line a page; an empty page has no text, as a scan has none."""
    return drawn_pdf(*([(72, 700, 12, text)] if text else [] for text in pages))


def drawn_pdf(*pages: Iterable[tuple[float, float, float, str]], title: str = "") -> bytes:
    """A PDF of pages of 612 x 792 points with (x, y, size of the letters, text) drawn on them in this order."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for n, pieces in enumerate(pages):
        drawn = b"\n".join(
            b"BT /F1 %g Tf %g %g Td (%s) Tj ET"
            % (size, x, y, text.replace("(", "\\(").replace(")", "\\)").encode("cp1252"))
            for x, y, size, text in pieces
        )
        page = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>"
        )
        objects += [page % (5 + 2 * n), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn)]
    objects.append(b"<< /Title (%s) /CreationDate (D:19210504) >>" % title.encode("latin-1"))
    body, starts = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        starts.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    info = b" /Info %d 0 R" % len(objects) if title else b""
    trailer = b"trailer << /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, info, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, trailer)


def encrypted(content: bytes, user: str, owner: str = "owner") -> bytes:
    """The PDF with a password: `user` opens it, "" everyone does."""
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(content)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A docx with `body` inside w:body and further `parts` (footnotes, header1, …) as they are given."""
    space = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {space}>{content}</w:{name}>")
    return out.getvalue()


def paragraph(*runs: str) -> str:
    """A w:p of runs."""
    return f"<w:p>{''.join(f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"
