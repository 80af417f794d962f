"""All services of an installation, read from ``config/services``; a broken file stops only itself.

A bureau's own folder (``HOTLINE_CONFIG``) adds services and replaces ours, file by file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

import config
from hotline import configfiles
from hotline.casework import tariffs
from hotline.casework.check import Checker, Surroundings
from hotline.casework.conditions import Part
from hotline.casework.definition import Service
from hotline.casework.fields import Name, Words
from hotline.casework.tariffs import Tariff
from hotline.casework.versions import Version
from hotline.configfiles import ConfigFileError, Document, Problem
from hotline.errors import NotFoundError

ROLES_FILE = "roles.yaml"


class RolesFile(Part):
    """``roles.yaml``: the roles that services may name."""

    roles: Mapping[Name, Words] = Field(min_length=1)


@dataclass(frozen=True)
class Services:
    """The services that can be opened now, and what is wrong with the others."""

    by_code: Mapping[str, Service] = field(default_factory=dict)
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()
    """Services whose file is broken and that go on by their last good version."""
    _versions: dict[str, Version] = field(default_factory=dict, init=False, compare=False)

    def get(self, code: str) -> Service:
        """Return the service called ``code`` as it is defined now.

        Raises:
            NotFoundError: there is none, or its file is broken.
        """
        found = self.by_code.get(code)
        if found is None:
            raise NotFoundError(f"没有“{code}”这项服务，或它的文件有误（hotline services check）")
        return found

    def version(self, code: str) -> Version:
        """Return the version of the definition as it is now.

        Raises:
            NotFoundError: there is no such service.
        """
        service = self.get(code)
        if code not in self._versions:
            self._versions[code] = Version.of(service)
        return self._versions[code]


def files() -> dict[str, Path]:
    """Return every service file by its code."""
    folders = [config.SHIPPED / "services"]
    if own := os.environ.get("HOTLINE_CONFIG"):
        folders.append(Path(own) / "services")
    return {
        file.stem: file
        for folder in folders
        for file in sorted(folder.glob("*.yaml"))
        if file.name != ROLES_FILE
    }


def load(*, has_calendar: bool = True) -> Services:
    """Read and check all services and tariffs. Mistakes are in the result, not raised."""
    problems: list[Problem] = []
    roles = _roles(problems)
    known_tariffs: dict[str, Tariff] = {}
    try:
        loaded = tariffs.load(config.path("tariffs"))
        known_tariffs = {code: tariff for code, (tariff, _) in loaded.items()}
    except ConfigFileError as error:
        problems += error.problems
    parsed: dict[str, tuple[Service, Document]] = {}
    known_files = files()
    for code, file in known_files.items():
        try:
            document = configfiles.read(file)
            parsed[code] = (document.parse(Service), document)
        except ConfigFileError as error:
            problems += error.problems
    # A service that another names is there although its file has a slip today.
    around = Surroundings(roles, frozenset(known_files), known_tariffs, has_calendar)
    good: dict[str, Service] = {}
    digits: dict[str, str] = {}
    for code, (service, document) in parsed.items():
        found = Checker(service, document, around).problems()
        if other := digits.get(service.digits):
            found.append(document.problem(("digits",), f"编号 {service.digits} 已用于“{other}”"))
        if found:
            problems += found
        else:
            good[code] = service
            digits[service.digits] = service.name
    documents = {code: document for code, (_, document) in parsed.items()}
    return Services(good, known_tariffs, roles, tuple(problems), documents)


def _roles(problems: list[Problem]) -> Mapping[str, str]:
    """Return the roles that services may name; a broken list is told, and ours stands in."""
    own, ours = config.path(f"services/{ROLES_FILE}"), config.SHIPPED / "services" / ROLES_FILE
    try:
        return configfiles.load(own, RolesFile).roles
    except ConfigFileError as error:
        if own == ours:
            raise
        problems += error.problems
        return configfiles.load(ours, RolesFile).roles


def from_content(content: Mapping[str, Any]) -> Service:
    """Return a service from its kept content (see :meth:`Service.content`)."""
    return Service.model_validate(content)
