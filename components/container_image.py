"""An image built from a folder of the program, pushed once for each content, and named by its digest."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_docker as docker
from e2b_dockerfile_utils import DockerfileInstruction, DockerfileSyntaxError, parse_dockerfile_ast
from pulumi_aws import ecr

from components._component import Component, Extensions
from components.deployed import NOTHING_KNOWN, Deployed
from components.specs.container_image import ContainerImageSpec
from image_context import Context, ContextError

BUILT = "docker:index/image:Image"
STAGING = Path(".accordion") / "contexts"
"""Where contexts lie as they are built, below the program's folder: the same path on every machine, so that it is no
difference between two."""
_KEY_DIGITS = 32  # 128 bits of SHA-256
_COMMIT_DIGITS = 12
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")

_NOT_THERE = re.compile(r"did not find|(?<![\w:/.-])404(?!:?\w|[/-])|manifest unknown", re.IGNORECASE)
"""Said of nothing under a name; 404 may be of the name or of a port too."""

Digests = Callable[[str], str | None]
"""f(name) -> the digest that a registry has under it now; None where it has none."""


def registry_digest(name: str) -> str | None:
    """What a registry has under a name, by Docker's provider; None for nothing.

    Raises: pulumi.RunError where its registry does not tell.
    """
    try:
        return docker.get_registry_image(name=name).sha256_digest
    except Exception as error:
        if _NOT_THERE.search(str(error)):
            return None
        said = str(error).strip().splitlines()[-1]
        cure = "see that its registry answers and takes your log-in (docker login), and run it again"
        raise pulumi.RunError(f"what stands in the registry under {name} cannot be told: {said}; {cure}") from error


@dataclass(frozen=True)
class Login:
    """The log-in to push with; another one is no difference."""

    username: pulumi.Input[str]
    password: pulumi.Input[str]


@dataclass(frozen=True)
class ContainerImageArgs:
    """What is built, where it goes, what is known."""

    spec: ContainerImageSpec = field(default_factory=ContainerImageSpec)
    """What is built."""
    repository: str | None = None
    """Registry and repository that stand already, such as ghcr.io/shop/web; without it, an ECR repository is made."""
    login: Login | None = None
    """For ECR, what `aws.ecr.get_authorization_token_output` gives."""
    deployed: Deployed = NOTHING_KNOWN
    """What the last deployment left: an image with the same key is taken as it is."""
    check_build: bool = False
    """Whether a preview builds, without pushing, what the deployment would build."""
    digests: Digests = registry_digest
    """Who tells the digests of base images, and of an image that is there."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""


class ContainerImage(Component):
    """An image with one key: of its files, executable bits, ignore file, arguments, platform and base images' digests.

    The tag is made of version, commit and key. An image with that key in the state, or under that tag in the
    registry, is taken: nothing is built, pushed or shown. Base images are pinned to the digests in the key.
    """

    reference: pulumi.Output[str]
    """`repository@sha256:...`: what a service runs."""
    key: pulumi.Output[str]
    """Equal on every machine that has the same files."""
    tag: pulumi.Output[str]
    """The tag under which it was pushed."""
    repository_arn: pulumi.Output[str] | None
    """Of the ECR repository that it made; None where one was given."""

    def __init__(
        self, name: str, args: ContainerImageArgs | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = args or ContainerImageArgs()
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        try:
            context, pinned = _pinned(args.spec, args.digests)
            key = _key(args.spec, context, pinned)
        except ContextError as error:
            raise pulumi.RunError(f"ContainerImage {name}: {error}") from error
        self.repository_arn = None
        role = self.name_of("build")
        last = args.deployed.outputs(BUILT, role)
        kept = str(last.get("imageName") or "").rpartition(":")[2]
        in_state = kept.endswith(key)
        tag = kept if in_state else _tag(args.spec, key)
        there = None if in_state or args.repository is None else args.digests(f"{args.repository}:{tag}")
        if there is not None:
            self.reference = pulumi.Output.from_input(f"{args.repository}@{there}")
        else:
            try:
                _stage(context, pinned, STAGING / name)
            except OSError as error:
                said = f"its context cannot be laid out in {STAGING / name}: {(error.strerror or str(error)).lower()}"
                raise pulumi.RunError(f"ContainerImage {name}: {said}; make room there and run it again") from error
            self.reference = self._built(name, args, tag, in_state)
        self.key, self.tag = pulumi.Output.from_input(key), pulumi.Output.from_input(tag)
        self.finish()

    def _built(self, name: str, args: ContainerImageArgs, tag: str, in_state: bool) -> pulumi.Output[str]:
        spec, folder = args.spec, STAGING / name
        given = args.repository or self._ecr(spec)
        repository = pulumi.Output.from_input(given)
        login = args.login
        registry = docker.RegistryArgs(
            server=repository.apply(lambda name: name.partition("/")[0]),
            username=login.username if login else None,
            password=pulumi.Output.secret(login.password) if login else None,
        )
        made = docker.Image(
            self.name_of("build"),
            image_name=pulumi.Output.concat(repository, ":", tag),
            build=docker.DockerBuildArgs(
                context=folder.as_posix(),
                dockerfile=_dockerfile_of(folder).as_posix(),
                args=dict(spec.arguments),
                platform=spec.platform,
                target=spec.target,
            ),
            # Only where something is to be built: the setting is an input, and would be a difference of its own.
            build_on_preview=True if args.check_build and pulumi.runtime.is_dry_run() and not in_state else None,
            registry=registry,
            opts=self.options_of("build"),
        )
        return made.repo_digest

    def _ecr(self, spec: ContainerImageSpec) -> pulumi.Output[str]:
        """A repository that scans what is pushed, moves no tag and keeps the newest images."""
        repository = ecr.Repository(
            self.name_of("repository"),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS"}],
            tags=self.tags_of("repository"),
            opts=self.options_of("repository"),
        )
        newest = {
            "rulePriority": 1,
            "description": f"the newest {spec.keep} images",
            "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": spec.keep},
            "action": {"type": "expire"},
        }
        ecr.LifecyclePolicy(
            self.name_of("lifecycle"),
            repository=repository.name,
            policy=json.dumps({"rules": [newest]}),
            opts=self.options_of("lifecycle"),
        )
        self.repository_arn = repository.arn
        return repository.repository_url


def _pinned(spec: ContainerImageSpec, digests: Digests) -> tuple[Context, str]:
    """The context, and its Dockerfile with each base image by its digest.

    Raises: ContextError for a Dockerfile that cannot be read, and for a base image that no registry has, or that only
    the builder could name.
    """
    home = Path()
    file = home / spec.dockerfile if spec.dockerfile else None
    context = Context.read(home / spec.context, file, without=STAGING.parent)
    text = context.text_of_dockerfile()
    lines = text.replace("\r\n", "\n").split("\n")
    for instruction, reference in _bases(text, spec.arguments):
        if "@" in reference:
            continue
        first = instruction.start_line
        named = reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"
        digest = digests(named)
        if digest is None:
            raise ContextError(f"line {first} of the Dockerfile: no registry has the base image {named}")
        rest = instruction.args[1:]
        lines[first - 1] = " ".join(["FROM", *instruction.flags, f"{named}@{digest}", *rest])
        for continued in range(first, instruction.end_line):
            lines[continued] = ""
    return context, "\n".join(lines)


def _bases(text: str, arguments: Mapping[str, str]) -> Iterator[tuple[DockerfileInstruction, str]]:
    """(FROM, reference) of each that names an image, by the arguments that stand before the first of them."""
    known: dict[str, str] = {}
    stages: set[str] = set()
    try:
        instructions = parse_dockerfile_ast(text).instructions
    except DockerfileSyntaxError as error:
        raise ContextError(str(error)) from error
    for instruction in instructions:
        words = list(instruction.args)
        if instruction.name.upper() == "ARG" and not stages:
            for word in words:
                argument, _, default = word.partition("=")
                given = arguments.get(argument)
                known[argument] = _filled(default.strip("\"'"), known) if given is None else given
        if instruction.name.upper() != "FROM":
            continue
        line = instruction.start_line
        if not words:
            raise ContextError(f"line {line} of the Dockerfile: FROM names no image; write FROM image")
        reference = _resolved(words[0], known, line)
        if reference != "scratch" and reference.lower() not in stages:
            yield instruction, reference
        stages.add(words[2].lower() if len(words) > 2 else str(len(stages)))


def _filled(default: str, known: Mapping[str, str]) -> str:
    """The default of an argument, with the values of those before it."""
    return _VARIABLE.sub(lambda found: known.get(found[1] or found[3]) or found[2] or "", default)


def _resolved(reference: str, known: Mapping[str, str], line: int) -> str:
    """The reference with the values of its arguments."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        meant = known.get(name) or found[2]
        if not meant:
            raise ContextError(
                f"line {line} of the Dockerfile: FROM needs {name}, which has no value; give it in arguments"
            )
        return meant

    return _VARIABLE.sub(value, reference)


def _key(spec: ContainerImageSpec, context: Context, pinned: str) -> str:
    """What decides the image: times, owners, version and commit do not."""
    parts = [context.digest(), pinned, sorted(spec.arguments.items()), spec.platform, spec.target]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:_KEY_DIGITS]


def _tag(spec: ContainerImageSpec, key: str) -> str:
    return "-".join(part for part in (spec.version, (spec.commit or "")[:_COMMIT_DIGITS], key) if part)


def _stage(context: Context, pinned: str, folder: Path) -> None:
    """Lay out what is built: the very files of the key, whatever the folder gets meanwhile."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (STAGING.parent / ".gitignore").write_text("*\n")
    context.copy_to(folder)
    _dockerfile_of(folder).write_text(pinned)


def _dockerfile_of(folder: Path) -> Path:
    """Beside what is laid out: in it, `COPY .` would take it into the image."""
    return folder.with_name(f"{folder.name}.Dockerfile")
