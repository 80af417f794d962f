"""One file of plain values and arrays, mapped into memory: opened in a blink, replaced in one step.

Layout: magic, length of the head (8 bytes, little-endian), the head as JSON (meta values and where
each array stands), then the arrays, each aligned to 64 bytes.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotline.errors import HotlineError

_MAGIC = b"HL12348\x01"
_ALIGNMENT = 64

Arrays = dict[str, NDArray[Any]]


class DamagedIndexError(HotlineError):
    """知识库索引文件损坏，请运行 hotline kb import 重新生成。"""

    error_id = "damaged-index"


def write_container(file: Path, kind: str, meta: Mapping[str, Any], arrays: Arrays) -> None:
    """Write the file beside its place and move it there, so that readers see old or new."""
    table: dict[str, dict[str, Any]] = {}
    offset = 0
    for name, array in arrays.items():
        offset = -(-offset // _ALIGNMENT) * _ALIGNMENT
        table[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        offset += array.nbytes
    head = json.dumps(
        {"kind": kind, "meta": meta, "arrays": table, "bytes": offset}, ensure_ascii=False
    ).encode()
    start = -(-(len(_MAGIC) + 8 + len(head)) // _ALIGNMENT) * _ALIGNMENT
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    with new.open("wb") as stream:
        stream.write(_MAGIC + len(head).to_bytes(8, "little") + head)
        for name, array in arrays.items():
            stream.seek(start + table[name]["offset"])
            stream.write(np.ascontiguousarray(array).data)
        stream.truncate(start + offset)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)


def read_container(file: Path, kind: str) -> tuple[dict[str, Any], Arrays]:
    """Map the file; the arrays are read-only views that cost memory only where they are read.

    Raises:
        DamagedIndexError: it is not such a file, or cut short.
        FileNotFoundError: there is none.
    """
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size < len(_MAGIC) + 8:
            raise DamagedIndexError(file=str(file))
        memory = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(memory[len(_MAGIC) : len(_MAGIC) + 8], "little")
    begin = len(_MAGIC) + 8
    if memory[: len(_MAGIC)] != _MAGIC or begin + length > size:
        raise DamagedIndexError(file=str(file))
    try:
        head = json.loads(memory[begin : begin + length])
    except ValueError as error:
        raise DamagedIndexError(file=str(file)) from error
    start = -(-(begin + length) // _ALIGNMENT) * _ALIGNMENT
    if head["kind"] != kind or start + head["bytes"] > size:
        raise DamagedIndexError(file=str(file))
    arrays: Arrays = {}
    for name, place in head["arrays"].items():
        dtype = np.dtype(place["dtype"])
        count = int(np.prod(place["shape"], dtype=np.int64))
        flat = np.frombuffer(memory, dtype, count, start + place["offset"])
        arrays[name] = flat.reshape(place["shape"])
    return head["meta"], arrays
