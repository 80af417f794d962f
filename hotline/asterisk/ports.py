"""Whether Asterisk's ports are free, and who sits on one that isn't."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline.asterisk.errors import PortInUseError
from hotline.settings import Settings

_TAKEN, _HELD = "已被占用", "，占用者："


@dataclass(frozen=True)
class Wanted:
    """A port that Asterisk will listen on, and the setting that moves it."""

    host: str
    port: int
    kind: socket.SocketKind
    setting: str

    def __str__(self) -> str:
        protocol = "UDP" if self.kind is socket.SOCK_DGRAM else "TCP"
        return f"{self.host}:{self.port}（{protocol}）"


def wanted(settings: Settings) -> list[Wanted]:
    """Return every port of the Asterisk of ``settings``, but for RTP's range."""
    own = settings.asterisk
    loopback = own.bind if own.bind.startswith("127.") else "127.0.0.1"
    return [
        Wanted(own.ami_host, own.ami_port, socket.SOCK_STREAM, "ami_port"),
        Wanted(own.bind, own.sip_port, socket.SOCK_DGRAM, "sip_port"),
        Wanted(own.bind, own.sip_port, socket.SOCK_STREAM, "sip_port"),
        Wanted(loopback, own.http_port, socket.SOCK_STREAM, "http_port"),
        Wanted(own.bind, own.https_port, socket.SOCK_STREAM, "https_port"),
    ]


def check(settings: Settings) -> None:
    """Make sure that all ports are free.

    Raises:
        PortInUseError: names each port in use, who uses it, and the setting that moves it.
    """
    problems = [problem for port in wanted(settings) if (problem := _problem(port))]
    if problems:
        # A port of which nobody is seen to hold it is often about to be free.
        held = all(_HELD in problem or _TAKEN not in problem for problem in problems)
        raise PortInUseError("\n".join(problems), held=held)


def _problem(port: Wanted) -> str:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, port.kind) as probe:
        if port.kind is socket.SOCK_STREAM:
            # As Asterisk does: connections that have ended don't block a start.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.port))
        except OSError as error:
            return _explain(port, error)
    return ""


def _explain(port: Wanted, error: OSError) -> str:
    change = f"hotline.toml 的 [asterisk] {port.setting}"
    if error.errno == errno.EADDRINUSE:
        holder = owner(port.port, port.kind)
        by = f"{_HELD}{holder}" if holder else ""
        return f"端口 {port} {_TAKEN}{by}。请停掉占用它的程序，或修改 {change}。"
    if error.errno == errno.EACCES:
        return f"没有权限使用端口 {port}。请在 {change} 改用 1024 以上的端口。"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"本机没有地址 {port.host}。请修改 hotline.toml 的 [asterisk] bind 或 ami_host。"
    return f"不能使用端口 {port}：{error.strerror}。请修改 {change}。"


def owner(port: int, kind: socket.SocketKind) -> str:
    """Return the process that listens on ``port``, as far as we may see it."""
    table = "udp" if kind is socket.SOCK_DGRAM else "tcp"
    inodes = set(_listening(Path("/proc/net") / table, port))
    inodes |= set(_listening(Path("/proc/net") / f"{table}6", port))
    for process in Path("/proc").glob("[0-9]*"):
        if inodes & set(_sockets(process)):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            command = b" ".join(words[:2]).decode(errors="replace").strip()
            return f"进程 {process.name}（{command[:80]}）"
    return ""


def _listening(table: Path, port: int) -> Iterator[str]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        words = line.split()
        # 0A is TCP's LISTEN, 07 is UDP's unconnected.
        if words[3] in {"0A", "07"} and int(words[1].rpartition(":")[2], 16) == port:
            yield words[9]


def _sockets(process: Path) -> Iterator[str]:
    try:
        for descriptor in (process / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                yield target[8:-1]
    except OSError:
        return
