"""``hotline user …`` on a database of its own."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from typer.testing import CliRunner

from hotline.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.settings import load
from hotline.store import Base, Database
from hotline.web.commands import app

run = CliRunner()


@pytest.fixture
def _installed() -> None:
    async def make() -> None:
        database = Database(load().database_url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await database.close()

    asyncio.run(make())


def do(*words: str, text: str | None = None) -> str:
    result = run.invoke(app, words, input=text)
    if result.exception is not None:
        raise result.exception
    return result.output


@pytest.mark.usefixtures("_installed")
def test_an_account_is_made_listed_reset_and_closed() -> None:
    made = do("add", "wangli", "--name", "王丽", "--role", "lawyer", "--agent", "wang")
    assert re.search(r"初始密码：\S{14}\n", made)
    (row,) = [json.loads(line) for line in do("list", "--json").splitlines()]
    assert row["account"] == "wangli"
    assert row["roles"] == ["lawyer"]
    assert row["disabled"] is False
    assert "值班律师" in do("list")
    assert "新密码：" in do("password", "wangli")
    assert "密码已修改" in do("password", "wangli", "--password-stdin", text="Chuntian-2027\n")
    do("disable", "wangli")
    assert json.loads(do("list", "--json"))["disabled"] is True
    do("enable", "wangli")
    do("totp-off", "wangli")


@pytest.mark.usefixtures("_installed")
def test_mistakes_say_what_to_do() -> None:
    do("add", "wangli", "--name", "王丽", "--role", "lawyer")
    with pytest.raises(ConflictError, match="已存在"):
        do("add", "wangli", "--name", "王丽", "--role", "lawyer")
    with pytest.raises(InvalidInputError, match="可用的角色"):
        do("add", "zhao", "--name", "赵强", "--role", "king")
    with pytest.raises(NotFoundError, match="hotline user list"):
        do("password", "nobody")
    with pytest.raises(InvalidInputError, match="至少 10"):
        do("password", "wangli", "--password-stdin", text="short\n")


@pytest.mark.parametrize("command", ["add", "password", "list", "disable", "enable", "totp-off"])
def test_every_command_shows_an_example(command: str) -> None:
    assert "例：hotline user" in do(command, "--help")
