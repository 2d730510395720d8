"""Images that are built from a context and pushed, and what a registry has under a name."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from image_context import Context, ContextError
from localcloud.docker import rules, running
from localcloud.docker.engine import Engine, repository
from localcloud.docker.kind import Kind
from localcloud.provider import compare, schema, wire
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Difference, Faults, Found, Props, Refused

_DIGEST = "__contextDigest"
"""Noted in the inputs: what the context held, so that a preview tells that it changed."""
_IN_MEMORY = 16 * 2**20  # bytes of an archive; a larger one is a file without a name
_LOGIN = ("registry.username", "registry.password")


class Image(Kind):
    """An image that is built from a context and pushed to the registry in its name."""

    rules = rules.BUILD
    unserved = MappingProxyType({})
    properties = Properties(
        defaults={"skipPush": False, "buildOnPreview": False},
        write_only=frozenset({"build", "buildOnPreview", "imageName", "registry", "skipPush"}),
        sensitive=frozenset({"registry.password"}),
        unordered=frozenset({"build.addHosts"}),
        computed_on_update=frozenset({"repoDigest"}),
    )

    def check(
        self, session: Engine, name: str, seed: bytes, news: Props, olds: Props
    ) -> tuple[Props, list[tuple[str, str]]]:
        """The inputs with a note of what the context holds, where its place is known."""
        news, found = super().check(session, name, seed, news, olds)
        build = news.get("build")
        # The language host asks before the engine does, and cannot tell where the program runs.
        placed = session is not None and session.folder() is not None
        if placed and not found and not wire.is_unknown(build) and not wire.unknowns(build or {}):
            try:
                news[_DIGEST] = _context(session, news).digest()
            except ContextError as error:
                found.append(("build.context", str(error)))
        return news, found

    def contradictions(self, news: Props) -> Faults:
        """It is pushed to a registry on this machine, or not at all."""
        name = news.get("imageName")
        if news.get("skipPush") is True or not isinstance(name, str) or wire.unknowns(name) or rules.an_image(name):
            return
        if "@" in name:
            yield "imageName", f"got {name!r}, allowed: a name with a tag; the digest is known once it is built"
        elif not rules.of_own_ecr(name, _user(news)) and (why := rules.of_a_registry_elsewhere(name)):
            yield "imageName", f"{why}; or skipPush: true, which leaves it on the Engine"

    def changes(self, session: Engine, old: Props, new: Props, state: Props) -> list[compare.Change]:
        """Every changed leaf but the log-in to the registry, which changes by the hour and builds nothing new."""
        return [one for one in super().changes(session, old, new, state) if not one.row_path.startswith(_LOGIN)]

    def diff(self, session: Engine, old: Props, new: Props, state: Props, ignored: Sequence[str]) -> Difference:
        """What differs, the content of the context with it."""
        found = super().diff(session, old, new, state, ignored)
        if old.get(_DIGEST) != new.get(_DIGEST) and not {"build", "build.context"} & set(ignored):
            found.detail.setdefault("build.context", "UPDATE")
        return found

    def expect_create(self, session: Engine, inputs: Props) -> Props:
        """The outputs of a creation; with `buildOnPreview` it is built, and not pushed."""
        self._try(session, inputs)
        return super().expect_create(session, inputs)

    def expect_update(self, session: Engine, old: Props, new: Props, state: Props) -> Props:
        """The outputs of an update; with `buildOnPreview` it is built, and not pushed."""
        self._try(session, new)
        return super().expect_update(session, old, new, state)

    def _try(self, session: Engine, inputs: Props) -> None:
        name = inputs.get("imageName")
        if not inputs.get("skipPush") and isinstance(name, str) and not wire.unknowns(name):
            _place(name, inputs)
        # Its name may be that of a repository which is still to be made.
        if inputs.get("buildOnPreview") is True and _DIGEST in inputs:
            _build(session, inputs)

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Build it, and push it."""
        image, outputs = self._made(session, inputs)
        return image, outputs

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """Build and push it anew: what is the same comes from the builder's cache."""
        return self._made(session, new)[1]

    def _made(self, session: Engine, inputs: Props) -> tuple[str, Props]:
        name = str(inputs["imageName"])
        image, context = _build(session, inputs)
        pushed = "" if inputs.get("skipPush") else self._pushed(session, image, name, inputs)
        build = inputs.get("build") or {}
        about = session.ask("GET", f"/images/{image}/json")
        return image, {
            "imageName": name,
            "baseImageName": name,
            "context": str(build.get("context") or "."),
            "dockerfile": str(build.get("dockerfile") or context.dockerfile),
            "platform": str(build.get("platform") or f"{about['Os']}/{about['Architecture']}"),
            "registryServer": name.partition("/")[0] if pushed else "",
            "repoDigest": f"{repository(name)}@{pushed}" if pushed else "",
        }

    def _pushed(self, session: Engine, image: str, name: str, inputs: Props) -> str:
        """Push it where its name stands on this machine; returns the digest of its manifest."""
        place = _place(name, inputs)
        if place != name:
            session.call(image, place)
        return session.push(place, _login(inputs))

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """It stays where it is, as with the official provider: a running service may be of it."""

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """It is what it was, unless its registry has it no more."""
        raise NotImplementedError  # `read` is all of it

    def read(self, session: Engine, resource_id: str, inputs: Props, state: Props) -> Found | None:
        """Gone is an image that its registry, or without one the Engine, has no more."""
        digest = str(state.get("repoDigest") or "")
        if not inputs and not digest:
            raise Refused("an image cannot be imported: its id does not tell its context; declare it, and it is built")
        if not digest:
            there = session.find(f"/images/{resource_id}/json")
        elif rules.of_own_ecr(digest, _user(inputs)) and running.registry(os.environ) is None:
            there = True  # nobody here can tell
        else:
            there = session.digest(_place(digest, inputs), _login(inputs))
        return Found(resource_id, state, inputs) if there else None


def _context(session: Engine, inputs: Props) -> Context:
    build = inputs.get("build") or {}
    given = [Path(str(build.get(name) or ".")) for name in ("context", "dockerfile")]
    home = session.folder()
    if home is None:
        raise ContextError("it cannot be told where the program runs, from which the context is meant")
    dockerfile = home / given[1] if build.get("dockerfile") else None
    return Context.read(home / given[0], dockerfile)


def _build(session: Engine, inputs: Props) -> tuple[str, Context]:
    build: Mapping[str, Any] = inputs.get("build") or {}
    name = None if wire.unknowns(inputs["imageName"]) else str(inputs["imageName"])
    try:
        context = _context(session, inputs)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as archive:
            _pack(context, archive)
            image = session.build(
                archive,
                tag=name,
                dockerfile=context.dockerfile,
                buildargs=dict(build.get("args") or {}),
                target=build.get("target"),
                platform=build.get("platform"),
                network_mode=build.get("network"),
                extra_hosts=dict(each.partition(":")[::2] for each in build.get("addHosts") or ()) or None,
                cache_from=list((build.get("cacheFrom") or {}).get("images") or ()) or None,
            )
    except ContextError as error:
        raise Refused(str(error)) from error
    return image, context


def _pack(context: Context, archive: IO[bytes]) -> None:
    try:
        context.write(archive)
        archive.seek(0)
    except OSError as error:
        where, why = tempfile.gettempdir(), (error.strerror or str(error)).lower()
        said = f"the context {context.folder} cannot be packed in {where}: {why}; make room there, and run it again"
        raise Refused(said) from error


def _place(name: str, inputs: Props) -> str:
    """Where an image stands on this machine: ECR's names, in whole, below that of the registry beside the Engine.

    Raises: Refused where there is none, or where it is elsewhere.
    """
    if not rules.of_own_ecr(name, _user(inputs)):
        return name
    if beside := running.registry(os.environ):
        if rules.of_a_registry_elsewhere(f"{beside}/{name}"):
            raise Refused(
                f"{running.REGISTRY}: got {beside!r}, allowed on the local cloud: 127.0.0.1:PORT, localhost:PORT; what "
                "is pushed to ECR stays on this machine"
            )
        return f"{beside}/{name}"
    raise Refused(
        "no registry on this machine keeps what is pushed to ECR, and the local cloud's own has no layers: start one "
        f"with `make docker`, or name one ({running.REGISTRY}=127.0.0.1:PORT)"
    )


def _user(inputs: Props) -> Any:
    """Who is logged in to its registry; None for nobody."""
    given = inputs.get("registry")
    return given.get("username") if isinstance(given, dict) else None


def _login(inputs: Props) -> dict[str, str] | None:
    given = inputs.get("registry")
    if not given or not given.get("username"):
        return None
    return {"username": str(given["username"]), "password": str(given.get("password") or "")}


class RegistryDigest:
    """The function `docker.get_registry_image`: the digest that a registry has under a name."""

    token = "docker:index/getRegistryImage:getRegistryImage"  # noqa: S105 -- of a type

    @property
    def schema(self) -> tuple[schema.Obj, Mapping[str, schema.Type]]:
        """As its SDK says."""
        return schema.function(self.token)

    def invoke(self, session: Engine, arguments: Props) -> Props:
        """The digest.

        Raises: Refused where the registry has none of that name.
        """
        name = str(arguments["name"])
        digest = session.digest(name, None)
        if digest is None:
            raise Refused(f"did not find image {name} in its registry")
        return {"id": digest, "name": name, "sha256Digest": digest, "insecureSkipVerify": False}


IMAGE = Image("docker:index/image:Image")
REGISTRY_DIGEST = RegistryDigest()
