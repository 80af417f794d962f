"""Papers (材料) that applicants hand in: looked at by content, size and name; kept out of reach."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import secrets
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import InvalidInputError, NotFoundError
from hotline.public.tables import PaperTable

LARGEST: Final = 10 * 1024 * 1024
MOST: Final = 20
"""Papers of one case."""

KINDS: Final = {
    "application/pdf": ("pdf", "PDF"),
    "image/jpeg": ("jpg", "JPG 照片"),
    "image/png": ("png", "PNG 图片"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx", "Word"),
}
ACCEPTED: Final = "PDF、JPG、PNG、Word（docx）"
ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.docx"

_ENDINGS = {"pdf": "pdf", "jpg": "jpg", "jpeg": "jpg", "png": "png", "docx": "docx"}
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class PaperRefusedError(InvalidInputError):
    """这个文件不能接收。"""

    error_id = "paper-refused"


@dataclass(frozen=True)
class Paper:
    """A file that was looked at and found good."""

    name: str
    kind: str
    content: bytes


def look_at(name: str, content: bytes) -> Paper:
    """Look at a file; what its sender's browser says of its type counts for nothing.

    Raises:
        PaperRefusedError: it is empty, too large, of another kind, or not what its name says.
    """
    if not content:
        raise PaperRefusedError("文件是空的，请重新选择", field="paper")
    if len(content) > LARGEST:
        raise PaperRefusedError(
            f"文件超过 {LARGEST // 1024 // 1024} MB，请压缩或分成几个文件", field="paper"
        )
    kind = kind_of(content)
    if kind is None:
        raise PaperRefusedError(
            f"只接收 {ACCEPTED}。其他格式请另存为 PDF，或拍照上传", field="paper"
        )
    clean = cleaned(name)
    ending = clean.rpartition(".")[2].lower() if "." in clean else ""
    extension = KINDS[kind][0]
    if ending and ending in _ENDINGS and _ENDINGS[ending] != extension:
        raise PaperRefusedError(
            f"文件名是 .{ending}，内容却是{KINDS[kind][1]}，请核对后重新上传", field="paper"
        )
    if _ENDINGS.get(ending) != extension:
        clean = f"{clean}.{extension}"
    return Paper(clean, kind, content)


def kind_of(content: bytes) -> str | None:
    """Return the media type that the content shows, of those that we take."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content[-512:]:
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content[-32:]:
        return "image/png"
    if content.startswith(b"PK\x03\x04"):
        return _DOCX if _is_document(content) else None
    return None


def _is_document(content: bytes) -> bool:
    """Whether a ZIP file is a Word document without macros."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", "word/document.xml"} <= names and not macros


def cleaned(name: str) -> str:
    """Return a name that is safe to show and to offer for saving; never used as our own path."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    text = "".join(
        c for c in text if not unicodedata.category(c).startswith("C") and c not in '<>:"|?*%;'
    )
    text = re.sub(r"\s+", " ", text).strip(" .")
    stem, dot, ending = text.rpartition(".")
    if not dot:
        return text[:80] or "材料"
    return f"{stem[:80] or '材料'}.{ending[:8]}"


class Papers:
    """Keeps papers below ``folder`` under names that we make."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def add(
        self, session: AsyncSession, case_id: int, paper: Paper, *, sender: str, now: datetime
    ) -> PaperTable:
        """Keep a paper of a case; the same content again is the same paper.

        Raises:
            PaperRefusedError: the case has too many papers.
        """
        digest = hashlib.sha256(paper.content).hexdigest()
        known = await session.scalar(
            select(PaperTable).where(PaperTable.case_id == case_id, PaperTable.sha256 == digest)
        )
        if known is not None:
            return known
        count = await session.scalar(
            select(func.count()).select_from(PaperTable).where(PaperTable.case_id == case_id)
        )
        if (count or 0) >= MOST:
            raise PaperRefusedError(
                f"一个办件最多上传 {MOST} 个文件，其余请到窗口提交", field="paper"
            )
        file = f"{now:%Y/%m}/{secrets.token_hex(16)}"
        await asyncio.to_thread(self._write, file, paper.content)
        row = PaperTable(
            case_id=case_id,
            name=paper.name,
            kind=paper.kind,
            size=len(paper.content),
            sha256=digest,
            file=file,
            at=now,
            sender=sender,
        )
        session.add(row)
        await session.flush()
        return row

    async def read(self, paper: PaperTable) -> bytes:
        """Return a paper's content.

        Raises:
            NotFoundError: its file is lost.
        """
        try:
            return await asyncio.to_thread((self.folder / paper.file).read_bytes)
        except FileNotFoundError as error:
            raise NotFoundError("材料文件丢失，请从备份恢复", paper=paper.id) from error

    async def remove(self, files: Sequence[str]) -> None:
        """Remove papers whose rows are gone already; one that is lost anyway is no matter."""
        for file in files:
            await asyncio.to_thread((self.folder / file).unlink, missing_ok=True)

    def _write(self, file: str, content: bytes) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as out:
            path.chmod(0o600)
            out.write(content)


async def of_case(session: AsyncSession, case_id: int) -> Sequence[PaperTable]:
    """Return the papers of a case, oldest first."""
    query = select(PaperTable).where(PaperTable.case_id == case_id).order_by(PaperTable.id)
    return (await session.scalars(query)).all()


async def gather(chunks: AsyncIterator[bytes]) -> bytes:
    """Read an upload; one that is too large is not read to its end.

    Raises:
        PaperRefusedError: it is too large.
    """
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > LARGEST:
            raise PaperRefusedError(
                f"文件超过 {LARGEST // 1024 // 1024} MB，请压缩或分成几个文件", field="paper"
            )
    return bytes(content)
