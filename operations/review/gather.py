"""Everything that a review tells, from git, the local cloud, the simulator, the linter and the price table."""

from __future__ import annotations

import dataclasses
import datetime
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from guardrails.stack import StackSaid
from localcloud.cloud import LocalCloudError
from localcloud.cloud.project import NAME
from operations.failures import CannotRun
from operations.review import settings
from operations.review.clouds import NO_ENGINE, BaseFailedError, Clouds, Looked, clouds_of
from operations.review.model import Review, StackReview, Standing
from operations.review.plan import IMAGE, Plan, after, plan_of
from operations.review.revisions import Change, change_since
from operations.review.standards import guardrails_over
from operations.terminal import say

AT_ONCE = 2
"""Stacks that the engine looks at together: each keeps a processor busy [own, 2 cores]."""
_STACK_FILE = re.compile(r"Pulumi\.(.+)\.yaml")
EXAMPLES = "examples"
_PROGRAM = re.compile(r"(?:__main__|(?:components|stacks)/.*)\.py")
_DEPENDENCIES = re.compile(r"requirements.*\.txt|pyproject\.toml|.*\.lock")
"""Files of which a review takes those of the head for both sides: they stand in one virtual environment."""
_NEVER_READ = re.compile(r"(?:docs|tests|bench|findings|examples|\.github|\.ci)/|[^/]*\.md$")
"""Files that no deployment reads."""
_CODE_OF_BOTH = re.compile(r"(?:elasticity|operations|guardrails)/.*\.(?:py|toml)")
"""Code that judges both sides, as it stands at the head."""


def review(base: str, folder: Path, only: Sequence[str] = (), *, check_build: bool = False) -> Review:
    """The review of the change from a revision to the work tree of a project's folder; with `check_build`, the images
    that it would build are built. Raises CannotRun."""
    change = change_since(base, folder)
    with clouds_of(change, folder, check_build=check_build) as clouds:
        names = _chosen(_stacks(folder), _stacks(clouds.base), only)
        there = [name for name in names if _touches(change, name)]
        looked = _all_looked(clouds, there)
        if clouds.kept and any(isinstance(one, _OfTheCloud) for one in looked.values()):
            say("what an earlier review left of the base cannot be used any more: it is deployed anew")
            clouds.remake()
            looked = _all_looked(clouds, there)
        stacks = [_stack(change, clouds, name, looked.get(name)) for name in names]
        stacks += [] if only else list(_rules_files(change, clouds))
    return Review(base, change.base, change.files, tuple(stacks), tuple(_unchecked(change)), _program_line(change))


class _OfTheCloud(str):
    """Why the local cloud itself could not tell something: what it kept may be damaged."""

    __slots__ = ()


class _NoEngine(str):
    """Why a stack on a Swarm was not looked at: there is none on this machine."""

    __slots__ = ()


def _all_looked(clouds: Clouds, names: Sequence[str]) -> dict[str, Looked | str]:
    """Every stack of the base deployed, then the head looked at: both run from one folder, which says whose program it
    is."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = dict(zip(names, pool.map(lambda name: _deployed(clouds, name), names), strict=True))
        told = pool.map(lambda name: failed[name] or _looked(clouds, name), names)
        return dict(zip(names, told, strict=True))


def _stacks(folder: Path) -> dict[str, Path]:
    found = ((_STACK_FILE.fullmatch(file.name), file) for file in folder.glob("Pulumi.*.yaml"))
    return {name[1]: file for name, file in found if name}


def _chosen(head: dict[str, Path], base: dict[str, Path], only: Sequence[str]) -> list[str]:
    known = sorted({*head, *base})
    if unknown := [name for name in only if name not in known]:
        raise CannotRun(f"--stack: no stack is called {unknown[0]}; allowed {', '.join(known) or 'none'}")
    if not known:
        raise CannotRun("no Pulumi.*.yaml here, nor at the base: go to the folder of Pulumi.yaml")
    return list(dict.fromkeys(only)) or known


def _touches(change: Change, name: str) -> bool:
    """Whether a file differs that the deployment of a stack could read; no engine is needed where none does."""
    own = f"Pulumi.{name}.yaml"
    others = [file for file in change.files if not _STACK_FILE.fullmatch(file)]
    if own in change.files or any(not _NEVER_READ.match(file) for file in others):
        return True
    return any(Path(file).is_relative_to(place) for place in _built_from(change.folder / own) for file in others)


def _built_from(stack_file: Path) -> Iterator[Path]:
    """Contexts and Dockerfiles of the images that a stack builds, from the project's folder on."""
    side = settings.side_of(stack_file)
    whole = side.settings if side else None
    builders = [*getattr(whole, "services", {}).values(), getattr(whole, "controller", None)]
    for build in (getattr(one, "build", None) for one in builders):
        if build is not None:
            yield from (Path(os.path.normpath(place)) for place in (build.context, build.dockerfile) if place)


def _deployed(clouds: Clouds, name: str) -> str:
    """Deploy a stack of the base; why that failed."""
    if not NAME.fullmatch(name):
        return "its name is none that the engine takes"
    try:
        clouds.deploy(name)
    except BaseFailedError as error:
        if NO_ENGINE in str(error):
            return _NoEngine(NO_ENGINE)
        return f"the base could not be deployed on the local cloud: {error}"
    except LocalCloudError as error:
        return _OfTheCloud(f"the local cloud: {error}")
    return ""


def _looked(clouds: Clouds, name: str) -> Looked | str:
    """What the head would do to a stack, or why that cannot be told; nothing to do where its file is gone."""
    if name not in _stacks(clouds.change.folder):
        return Looked({}, {})
    try:
        return clouds.look(name)
    except LocalCloudError as error:
        return _OfTheCloud(f"the local cloud: {error}")


def _stack(change: Change, clouds: Clouds, name: str, looked: Looked | str | None) -> StackReview:
    file = f"Pulumi.{name}.yaml"
    before, now = settings.side_of(clouds.base / file), settings.side_of(change.folder / file)
    if now is None:
        return StackReview(name, file, "gone")
    found = _asked(change, before, now, name, file)
    if looked is None:
        return found
    if isinstance(looked, _NoEngine) and file not in change.files:
        unchecked = (*found.unchecked, f"what becomes of its resources: {looked}")
        return dataclasses.replace(found, standing="unseen", unchecked=unchecked)
    if isinstance(looked, str):
        return dataclasses.replace(found, standing="unknown", problem=looked)
    if looked.problem:
        return dataclasses.replace(found, standing="refused", problem=looked.problem)
    plan = plan_of(looked.preview, looked.state)
    old = guardrails_over(looked.state.get("deployment", {}).get("resources") or (), _judged(before))
    resources = after(looked.preview, looked.state)
    left = guardrails_over(resources, _judged(now))
    return dataclasses.replace(
        found,
        standing="new" if before is None else _standing(found, plan),
        plan=plan,
        images=tuple(one.name for one in plan.of("created", "updated", "replaced") if one.type == IMAGE),
        images_built=clouds.check_build,
        around=_around(found, now, looked.state, resources),
        guardrails=tuple(one for one in left if one not in old),
        standing_guardrails=sum(one in old for one in left),
    )


def _judged(side: settings.Side | None) -> StackSaid:
    return side.settings.judged if side is not None and side.settings is not None else StackSaid()


def _around(
    found: StackReview, now: settings.Side, state: Mapping[str, Any], resources: list[dict[str, Any]]
) -> tuple[float, float] | None:
    """The price of what the program changes without a setting; None where the settings tell it, or nothing differs."""
    if found.cost is not None or now.settings is None or not state:
        return None
    amounts = settings.around(now.settings, after({}, state), resources)
    return None if abs(amounts[0] - amounts[1]) < 0.005 else amounts


def _standing(found: StackReview, plan: Plan) -> Standing:
    return "changed" if plan.resources or found.rules or found.settings else "unchanged"


def _asked(change: Change, before: settings.Side | None, now: settings.Side, name: str, file: str) -> StackReview:
    """What the stack file asks for otherwise, and what that does without an engine."""
    moment = datetime.datetime.fromisoformat(change.moment).date()
    findings, both = settings.new_findings(before.path if before else None, now.path, file, moment)
    unchecked: list[str] = []
    found = StackReview(
        name, file, "new" if before is None else "unchanged", findings=findings, standing_findings=both,
        lines=change.lines(file) if file in change.files else (),
    )  # fmt: skip
    if before is None or now.settings is None or before.settings is None:
        if before is not None and before.settings is None:
            unchecked.append(f"what its file asks for otherwise: the base's is not read here: {before.problem}")
        cost, left = settings.cost_change(None, now) if before is None else (None, ())
        return dataclasses.replace(found, cost=cost, unchecked=(*unchecked, *left))
    rules, others = settings.rule_changes(before, now), settings.setting_changes(before, now)
    if before.settings == now.settings:
        return found
    run = settings.simulated(before, now)
    cost, left = settings.cost_change(before, now)
    return dataclasses.replace(
        found,
        standing="changed",
        rules=rules,
        settings=others,
        effects=run.effects,
        simulated=run.runs,
        broken=run.broken,
        broken_before=run.broken_before,
        cost=cost,
        unchecked=(*run.unchecked, *left),
    )


def _rules_files(change: Change, clouds: Clouds) -> Iterator[StackReview]:
    """The example files of rules that differ: nothing is built of them."""
    for file in change.files:
        path = Path(file)
        if path.parts[0] != EXAMPLES or path.suffix not in (".yaml", ".yml"):
            continue
        before, now = settings.side_of(clouds.base / file), settings.side_of(change.folder / file)
        sides = [side for side in (before, now) if side is not None]
        if not any(side.file is not None and side.file.is_rules for side in sides):
            continue
        if now is None:
            yield StackReview(file, file, "gone")
            continue
        found = _asked(change, before, now, file, file)
        yield found if now.settings is not None else dataclasses.replace(found, standing="refused", problem=now.problem)


def _unchecked(change: Change) -> Iterator[str]:
    if any(_DEPENDENCIES.fullmatch(file) for file in change.files):
        yield "dependencies differ: both sides ran with those that are installed here"
    if any(_CODE_OF_BOTH.fullmatch(file) for file in change.files):
        yield "code of the simulator, the linter or the guardrails differs: both sides were judged by the head's"
    yield "the local cloud is a model of AWS: quotas, prices of your contract and what runs there were not asked"


def _program_line(change: Change) -> tuple[str, int] | None:
    for file in change.files:
        if _PROGRAM.fullmatch(file):
            return file, next(iter(change.lines(file)), 1)
    return None
