"""What can go wrong while packages are fetched."""

from __future__ import annotations

from hotline.errors import HotlineError


class PackagesError(HotlineError):
    """取不到所需的软件包。"""

    error_id = "packages"


class NoAptError(PackagesError):
    """本机没有 apt，无法自动取得所需程序。请自行安装后放入 PATH。"""

    error_id = "packages-no-apt"


class DownloadError(PackagesError):
    """下载软件包失败。请检查网络与本机的 apt 软件源后重试，已下载的部分会保留。"""

    error_id = "packages-download"


class DiskFullError(PackagesError):
    """磁盘空间不足，请清理后重试。"""

    error_id = "packages-disk-full"
