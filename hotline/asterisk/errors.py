"""What can go wrong with the Asterisk beside us."""

from __future__ import annotations

from hotline.errors import HotlineError


class AsteriskError(HotlineError):
    """Asterisk 出错了。"""

    error_id = "asterisk"


class AsteriskMissingError(AsteriskError):
    """本机没有 Asterisk。请执行 hotline asterisk install。"""

    error_id = "asterisk-missing"


class UnsupportedVersionError(AsteriskError):
    """这个版本的 Asterisk 不受支持，需要 18、20 或 22。"""

    error_id = "asterisk-version"


class MissingModulesError(AsteriskError):
    """Asterisk 缺少所需的模块。"""

    error_id = "asterisk-modules"


class PortInUseError(AsteriskError):
    """端口已被占用。"""

    error_id = "asterisk-port-in-use"


class StartFailedError(AsteriskError):
    """Asterisk 没能启动。"""

    error_id = "asterisk-start-failed"


class NotRunningError(AsteriskError):
    """Asterisk 没有运行。请执行 hotline asterisk start。"""

    error_id = "asterisk-not-running"


class ManagedByOthersError(AsteriskError):
    """这台 Asterisk 由别人管理（hotline.toml 的 asterisk.manage 为 false），不由本程序启停。"""

    error_id = "asterisk-managed-by-others"


class InvalidEndpointError(AsteriskError):
    """话机的名称、密码或地址有误。"""

    error_id = "asterisk-endpoint"


class TemplateError(AsteriskError):
    """Asterisk 配置模板有误。"""

    error_id = "asterisk-template"


class CertificateError(AsteriskError):
    """证书有误。"""

    error_id = "asterisk-certificate"
