"""Accounts: made, signed in to, locked, changed. What the pages and the command line both call."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA, Clock
from hotline.errors import ConflictError, HotlineError, InvalidInputError, NotFoundError
from hotline.store import Database
from hotline.web import totp
from hotline.web.audit import Audit
from hotline.web.passwords import Hasher, WeakPasswordError, check_strength, random_password
from hotline.web.permissions import Role
from hotline.web.tables import OidcIdentity, User

TRIES = 5
"""Wrong passwords in a row after which the account is locked."""

LOCK = timedelta(minutes=15)

_ACCOUNT = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class SignInRefusedError(HotlineError):
    """账号或密码不对。"""

    error_id = "signin-refused"


class AccountLockedError(SignInRefusedError):
    """账号已锁定，请稍后再试，或请管理员解锁。"""

    error_id = "account-locked"


class WrongCodeError(SignInRefusedError):
    """动态口令不对或已用过，请等待下一个口令再试。"""

    error_id = "wrong-code"


class UnknownIdentityError(SignInRefusedError):
    """统一身份认证通过了，但本系统没有您的账号，或已停用。请联系系统管理员开通。"""

    error_id = "unknown-identity"


@dataclass(frozen=True)
class NewUser:
    """What an administrator gives for a new account."""

    account: str
    name: str
    roles: frozenset[Role]
    organisation: str | None = None
    agent_id: str | None = None


class Accounts:
    """The accounts of one installation."""

    def __init__(
        self, database: Database, clock: Clock, cipher: Fernet, hasher: Hasher | None = None
    ) -> None:
        self.database = database
        self.clock = clock
        self.audit = Audit(clock)
        self.hasher = hasher or Hasher()
        self._cipher = cipher

    async def add(self, new: NewUser, password: str | None = None) -> tuple[User, str]:
        """Make an account; return it and its password (made up where none is given).

        A made-up password must be changed at the first sign-in.

        Raises:
            InvalidInputError: the account's name or roles cannot be used.
            WeakPasswordError: the password given is easily guessed.
            ConflictError: the account or the seat is taken.
        """
        check_account(new)
        if password is not None:
            check_strength(password, new.account)
        chosen = password or random_password()
        stored = await self.hasher.hash(chosen)
        now = self.clock.now()
        async with self.database.write() as session:
            taken = User.account == new.account
            if new.agent_id is not None:
                taken |= User.agent_id == new.agent_id
            if await session.scalar(select(User.id).where(taken)) is not None:
                raise ConflictError(f"账号 {new.account} 或其坐席已存在，请换一个")
            user = User(
                account=new.account,
                name=new.name,
                roles=sorted(new.roles),
                organisation=new.organisation,
                agent_id=new.agent_id,
                password_hash=stored,
                password_changed_at=now,
                must_change_password=password is None,
                created_at=now,
            )
            session.add(user)
            await session.flush()
        return user, chosen

    async def check_password(self, account: str, password: str, address: str) -> User:
        """Return the account whose password was given, counting failures.

        Raises:
            SignInRefusedError: unknown account, wrong password or disabled: never says which.
            AccountLockedError: too many failures; says until when.
        """
        async with self.database.read() as session:
            user = await _by_account(session, account.strip().lower())
        right = await self.hasher.matches(user.password_hash if user else None, password[: 4 * 128])
        refusal: SignInRefusedError | None = SignInRefusedError()
        async with self.database.write() as session:
            if user is not None:
                user = await session.get_one(User, user.id, with_for_update=True)
                refusal = self._judge(user, right)
            if refusal is not None:
                locked = isinstance(refusal, AccountLockedError)
                self._note_failure(session, account, address, locked=locked)
            elif user is not None:
                user.failed_count = 0
                user.locked_until = None
        if refusal is not None or user is None:
            raise refusal or SignInRefusedError()
        return user

    def _judge(self, user: User, right: bool) -> SignInRefusedError | None:
        now = self.clock.now()
        if user.locked_until is not None and user.locked_until > now:
            return _locked(user.locked_until)
        if right and user.disabled_at is None:
            return None
        user.failed_count += 1
        user.locked_until = None
        if user.failed_count >= TRIES:
            user.failed_count = 0
            user.locked_until = now + LOCK
            return _locked(user.locked_until)
        return SignInRefusedError()

    def _note_failure(
        self, session: AsyncSession, account: str, address: str, *, locked: bool = False
    ) -> None:
        action = "signin.locked" if locked else "signin.failed"
        self.audit.record(
            session, None, action, "user", account[:64], address=address, name=account[:64]
        )

    async def of_identity(self, issuer: str, subject: str, account: str, address: str) -> User:
        """Return the account of a person whom the identity provider vouches for.

        The first time, the claim names the account and the subject is bound to it; afterwards the
        subject alone counts: names may change or be given to somebody else.

        Raises:
            UnknownIdentityError: no account is theirs.
            SignInRefusedError: it is disabled.
        """
        async with self.database.write() as session:
            bound = await session.get(OidcIdentity, (issuer, subject))
            if bound is not None:
                user = await session.get(User, bound.user_id)
            else:
                user = await _by_account(session, account.strip().lower()) if account else None
                taken = user is not None and await session.scalar(
                    select(OidcIdentity.subject).where(
                        OidcIdentity.issuer == issuer, OidcIdentity.user_id == user.id
                    )
                )
                user = None if taken else user
            known = user is not None and user.disabled_at is None
            if user is not None and known and bound is None:
                session.add(
                    OidcIdentity(
                        issuer=issuer, subject=subject, user_id=user.id, bound_at=self.clock.now()
                    )
                )
            if not known:
                self._note_failure(session, account or subject, address)
        if user is None or not known:
            raise UnknownIdentityError
        return user

    async def check_code(self, user_id: int, code: str) -> None:
        """Accept the second step's code once.

        Raises:
            WrongCodeError: wrong, or used before.
            AccountLockedError: too many wrong codes.
        """
        async with self.database.write() as session:
            user = await session.get_one(User, user_id, with_for_update=True)
            now = self.clock.now()
            if user.locked_until is not None and user.locked_until > now:
                raise _locked(user.locked_until)
            step = None
            if user.totp_secret is not None:
                secret = self._open(user.totp_secret)
                step = totp.accepted_step(secret, code, now, user.totp_last_step)
            if step is not None:
                user.totp_last_step = step
                user.failed_count = 0
                return
            refusal = self._judge(user, right=False)
        raise refusal if isinstance(refusal, AccountLockedError) else WrongCodeError()

    async def turn_on_totp(self, user_id: int, secret: str, code: str) -> None:
        """Switch the second step on once a first code proves that the telephone has the secret.

        Raises:
            WrongCodeError: the code does not belong to ``secret``.
        """
        step = totp.accepted_step(secret, code, self.clock.now(), 0)
        if step is None:
            raise WrongCodeError
        async with self.database.write() as session:
            user = await session.get_one(User, user_id)
            user.totp_secret = self._cipher.encrypt(secret.encode()).decode()
            user.totp_last_step = step

    async def turn_off_totp(self, user_id: int) -> None:
        """Switch the second step off, such as for a lost telephone."""
        async with self.database.write() as session:
            user = await session.get_one(User, user_id)
            user.totp_secret = None
            user.totp_last_step = 0

    async def change_password(self, user_id: int, old: str, new: str) -> None:
        """Set one's own password.

        Raises:
            InvalidInputError: the old one is wrong, or the new one is the old one.
            WeakPasswordError: the new one is easily guessed.
        """
        async with self.database.read() as session:
            user = await session.get_one(User, user_id)
        if not await self.hasher.matches(user.password_hash, old):
            raise InvalidInputError("原密码不对，请重新输入", field="old")
        if old == new:
            raise WeakPasswordError("新密码不能与原密码相同", field="password")
        await self._set_password(user, new, must_change=False)

    async def reset_password(self, account: str, password: str | None = None) -> str:
        """Give an account another password, unlock it; return the password.

        Raises:
            NotFoundError: there is no such account.
            WeakPasswordError: the password given is easily guessed.
        """
        user = await self.get(account)
        chosen = password or random_password()
        await self._set_password(user, chosen, must_change=password is None)
        return chosen

    async def _set_password(self, user: User, password: str, *, must_change: bool) -> None:
        check_strength(password, user.account)
        stored = await self.hasher.hash(password)
        async with self.database.write() as session:
            fresh = await session.get_one(User, user.id)
            fresh.password_hash = stored
            fresh.password_changed_at = self.clock.now()
            fresh.must_change_password = must_change
            fresh.failed_count = 0
            fresh.locked_until = None

    async def set_disabled(self, account: str, disabled: bool) -> None:
        """Close an account, or open it again.

        Raises:
            NotFoundError: there is no such account.
        """
        user = await self.get(account)
        async with self.database.write() as session:
            fresh = await session.get_one(User, user.id)
            fresh.disabled_at = self.clock.now() if disabled else None

    async def get(self, account: str) -> User:
        """Return an account.

        Raises:
            NotFoundError: there is no such account.
        """
        async with self.database.read() as session:
            user = await _by_account(session, account)
        if user is None:
            raise NotFoundError(f"没有账号 {account}，用 hotline user list 查看全部账号")
        return user

    async def everyone(self) -> list[User]:
        """Return all accounts by name."""
        async with self.database.read() as session:
            return list(await session.scalars(select(User).order_by(User.account)))

    def _open(self, sealed: str) -> str:
        try:
            return self._cipher.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SignInRefusedError(
                "动态口令的密钥读不出（密钥文件换过？），请管理员执行 hotline user totp-off 账号"
            ) from error


def check_account(new: NewUser) -> None:
    """Refuse what cannot be an account.

    Raises:
        InvalidInputError: names the field.
    """
    if not _ACCOUNT.fullmatch(new.account):
        raise InvalidInputError(
            "账号须以小写字母开头，只含小写字母、数字、点、下划线、连字符，2 到 32 位",
            field="account",
        )
    if not new.name.strip() or len(new.name) > 40:
        raise InvalidInputError("请填写姓名（最多 40 字）", field="name")
    if not new.roles:
        raise InvalidInputError("请至少选择一个角色", field="roles")


def parse_roles(names: Iterable[str]) -> frozenset[Role]:
    """Read role names.

    Raises:
        InvalidInputError: there is no such role.
    """
    try:
        return frozenset(Role(name) for name in names)
    except ValueError as error:
        known = "、".join(f"{role.value}（{role.words}）" for role in Role)
        raise InvalidInputError(f"没有这个角色。可用的角色：{known}", field="roles") from error


async def _by_account(session: AsyncSession, account: str) -> User | None:
    return await session.scalar(select(User).where(User.account == account))


def _locked(until: datetime) -> AccountLockedError:
    time = until.astimezone(CHINA).strftime("%H:%M")
    return AccountLockedError(
        f"密码错误次数过多，账号已锁定到 {time}。请届时再试，或请管理员重置密码。"
    )
