"""The installation's secrets: made at first use, kept in one file that only its owner reads.

There are no default secrets: an installation whose file is lost makes new ones.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from hotline.errors import ConfigurationError


class SecretsFileError(ConfigurationError):
    """密钥文件有误：请恢复备份，或删除后重新生成。"""

    error_id = "secrets-file"


class SecretsFile:
    """Named secrets in ``FOLDER/secrets.json`` (mode 0600)."""

    def __init__(self, home: Path) -> None:
        self.file = home / "secrets.json"

    def get(self, name: str) -> str:
        """Return the secret called ``name``; make it (192 random bits) when it is new.

        Raises:
            SecretsFileError: the file is damaged or readable by others.
        """
        known = self._read()
        if name not in known:
            known[name] = secrets.token_urlsafe(24)
            self._write(known)
        return known[name]

    def _read(self) -> dict[str, str]:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        if self.file.stat().st_mode & 0o077:
            raise SecretsFileError(f"密钥文件 {self.file} 其他人可读，请执行 chmod 600 {self.file}")
        try:
            known = json.loads(text)
        except json.JSONDecodeError as error:
            raise SecretsFileError(
                f"密钥文件 {self.file} 已损坏：请恢复备份，或删除后重新生成"
            ) from error
        if not isinstance(known, dict) or not all(isinstance(v, str) for v in known.values()):
            raise SecretsFileError(f"密钥文件 {self.file} 已损坏：请恢复备份，或删除后重新生成")
        return known

    def _write(self, known: dict[str, str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(known, out, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.file)
