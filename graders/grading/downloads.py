"""Reads what a learning platform gives for download: a zip or a folder, with zips inside, whoever made those.

Nothing is unpacked to where a zip says. Only notebooks and zips are read, each up to a bound, and what one student's
entry holds up to another.
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import time
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from graders.course.notebook_cells import MAX_BYTES
from graders.grading.submissions import file_refusal
from graders.term.roster import clean_name

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)")
CANVAS = re.compile(r"(?P<name>.+?)_(?P<late>(?i:late)_)?(?P<number>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
AGAIN = re.compile(r"(-|\s*\()(?P<number>\d{1,4})\)?$")
MAX_DEPTH, MOST_ENTRIES = 4, 50_000
MAX_ENTRY_BYTES = 100_000_000
JUNK = {"__MACOSX", "Thumbs.db", "desktop.ini", "ehthumbs.db"}
DAMAGES = (BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)
UTF_8_FLAG = 0x800


@dataclass(frozen=True)
class Sender:
    """Who handed a file in, as the download's names say it; `number` is "" where names have none.

    `is_unique` says that the number is the student's own, the same in every download.
    """

    name: str
    number: str = ""
    is_unique: bool = False
    late: bool = False
    attachment: int = 0


def sender_of(path: Sequence[str]) -> Sender | None:
    """Whose the file at `path` in a download is; None if its names do not say so.

    A path that ends as submissions are kept, <student>/<lesson>/<lesson>.ipynb, says so too.
    """
    for part in path:
        if found := MOODLE.fullmatch(part):
            return Sender(clean_name(found["name"]), found["number"])
        if found := CANVAS.fullmatch(part):
            late, attachment = bool(found["late"]), int(found["attachment"][:18])
            return Sender(clean_name(found["name"]), found["number"], True, late, attachment)
    if len(path) >= 3 and Path(path[-1]).stem == path[-2]:
        return Sender(clean_name(path[-3]))
    return None


def upload_number(stem: str) -> int:
    """Which upload of a file it was, by the number that platforms and browsers put behind its name; 0 for the first."""
    found = AGAIN.search(stem)
    return int(found["number"]) if found else 0


@dataclass(frozen=True)
class DownloadFile:
    """A file in a download: the parts of its path, in which a zip is a folder, and what is in it if it is a notebook.

    `fault` says why what could be a notebook, or hold one, was not read; `changed` is when it was changed last, as the
    zip says, in numbers from the year on.
    """

    path: tuple[str, ...]
    content: bytes | None = None
    fault: str = ""
    changed: tuple[int, ...] = ()


@dataclass
class Allowance:
    """How many bytes may still be read out of one entry of the download."""

    left: int = MAX_ENTRY_BYTES


def read_download(download: Path) -> Iterator[DownloadFile]:
    """Every file in `download`, a zip or a folder, but what systems and editors put there of their own accord."""
    if download.is_dir():
        yield from _read_folder(download)
        return
    with download.open("rb") as file:
        yield from _read_zip(file, (), None)


def _read_folder(folder: Path) -> Iterator[DownloadFile]:
    for path in sorted(folder.rglob("*")):
        parts = _clean_parts(path.relative_to(folder).as_posix())
        if path.is_symlink() or not path.is_file() or file_refusal(path) or _is_junk(parts):
            continue
        with path.open("rb") as file:
            if _kind(parts) == ".zip" and sender_of(parts) is None:
                yield from _read_zip(file, parts, None)
            else:
                yield from _read_file(file, parts, Allowance(), time.localtime(path.stat().st_mtime)[:6])


def _kind(path: tuple[str, ...]) -> str:
    return Path(path[-1]).suffix.lower()


def _read_file(
    file: IO[bytes], path: tuple[str, ...], allowance: Allowance, changed: tuple[int, ...]
) -> Iterator[DownloadFile]:
    """A file by the kind that its name says; the zip that holds it may be damaged from here on."""
    if _kind(path) not in (".ipynb", ".zip"):
        yield DownloadFile(path)
        return
    if sum(part.lower().endswith(".zip") for part in path) > MAX_DEPTH:
        yield DownloadFile(path, fault=f"more than {MAX_DEPTH} zips inside each other")
        return
    content, fault = _take(file, MAX_BYTES, allowance)
    if fault:
        yield DownloadFile(path, fault=fault)
    elif _kind(path) == ".zip":
        yield from _read_zip(io.BytesIO(content), path, allowance)
    else:
        yield DownloadFile(path, content, changed=changed)


def _take(file: IO[bytes], limit: int, allowance: Allowance) -> tuple[bytes, str]:
    """What `file` holds, or why it was not read."""
    too_much = f"larger than {limit // 1_000_000} MB"
    if allowance.left < limit:
        limit, too_much = allowance.left, f"more than {MAX_ENTRY_BYTES // 1_000_000} MB in one upload"
    try:
        content = file.read(limit + 1)
    except DAMAGES as error:
        return b"", f"damaged or locked ({str(error)[:80]})"
    allowance.left = max(allowance.left - len(content), 0)
    return (content, "") if len(content) <= limit else (b"", too_much)


def _read_zip(file: IO[bytes], path: tuple[str, ...], allowance: Allowance | None) -> Iterator[DownloadFile]:
    """What a zip holds; each of its entries has an `allowance` of its own, if the zip has none to share."""
    try:
        archive = ZipFile(file)
    except DAMAGES:
        yield DownloadFile(path, fault="not a zip, or a damaged one")
        return
    with archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            yield DownloadFile(
                path, fault=f"more than {MOST_ENTRIES:,} files in one zip, of which the rest is left out"
            )
        for entry in entries[:MOST_ENTRIES]:
            parts = (*path, *_clean_parts(_name_of(entry)))
            if not (entry.is_dir() or _is_link(entry) or _is_junk(parts) or parts == path):
                yield from _read_entry(archive, entry, parts, allowance or Allowance())


def _read_entry(
    archive: ZipFile, entry: ZipInfo, path: tuple[str, ...], allowance: Allowance
) -> Iterator[DownloadFile]:
    try:
        file = archive.open(entry)
    except DAMAGES as error:
        yield DownloadFile(path, fault=f"damaged or locked ({str(error)[:80]})")
        return
    with file:
        yield from _read_file(file, path, allowance, entry.date_time)


def _name_of(entry: ZipInfo) -> str:
    """The entry's name; a zip that says nothing of its names has them in UTF-8 more often than as DOS wrote them."""
    if entry.flag_bits & UTF_8_FLAG:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _clean_parts(name: str) -> tuple[str, ...]:
    """The parts of a path, none of which leads upwards, with accents in one piece with their letters."""
    parts = unicodedata.normalize("NFC", name).replace("\\", "/").split("/")
    return tuple(part for part in parts if part.strip(" .") and not part.endswith(":"))


def _is_junk(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") or part in JUNK for part in parts)


def _is_link(entry: ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)
