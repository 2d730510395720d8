"""The state that a journal leads to: the engine's own replay (`backend/journal.go` of the CLI module), in Python.

A journal belongs to one update. `old` in an entry is the index of a resource in the state before it (the base), `new`
the id of an operation of this journal that gave a resource. What an entry does not mention stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from localcloud.state import urns
from localcloud.state.urns import Resource

Deployment = dict[str, Any]
Entry = Mapping[str, Any]

VERSION = 1
"""Of the journal: the engine sends no entry of a kind that this version has not."""

_FEATURES = {
    "refreshBeforeUpdate": "refreshBeforeUpdate",
    "viewOf": "views",
    "resourceHooks": "hooks",
    "taint": "taint",
    "replaceWith": "replaceWith",
    "extensionRef": "extensionParameterization",
    "snippetID": "snippets-prototype",
}
"""What the engine calls the feature that a resource with this property needs."""

_SCHEMA, _SCHEMA_WITH_FEATURES = 3, 4


class Kind(IntEnum):
    """Kinds of entries, numbered by the protocol."""

    BEGIN = 0
    SUCCESS = 1
    FAILURE = 2
    REFRESH_SUCCESS = 3
    OUTPUTS = 4
    WRITE = 5
    SECRETS_MANAGER = 6
    REBUILT_BASE_STATE = 7
    EXTENSION_PARAMETERIZE = 8
    SNIPPETS = 9


class ReplayError(Exception):
    """An entry that no engine sends: of an unknown kind or version, or about a resource that is not there."""


@dataclass(frozen=True)
class Typed:
    """A deployment with the schema's version and the features that a reader must know."""

    deployment: Deployment
    schema: int
    features: list[str]


def check(entry: Entry) -> int:
    """The sequence number of an entry that can be replayed.

    Raises: ReplayError for one that cannot.
    """
    try:
        Kind(entry["kind"])
        known = 0 < entry["version"] <= VERSION
        sequence, _ = int(entry["sequenceID"]), int(entry["operationID"])
    except (KeyError, TypeError, ValueError) as error:
        raise ReplayError(f"no journal entry of version {VERSION}: {error}") from None
    if not known:
        raise ReplayError(f"a journal entry of version {entry['version']}; this service keeps version {VERSION}")
    return sequence


@dataclass
class _Changes:
    """What a journal has done to the base so far."""

    gone: set[int] = field(default_factory=set)
    """Indices of resources of the base that are in the state no more."""
    replaced: dict[int, Resource] = field(default_factory=dict)
    """Other values of resources of the base, by index."""
    to_delete: set[int] = field(default_factory=set)
    to_replace: set[int] = field(default_factory=set)
    made: list[Resource] = field(default_factory=list)
    """What operations gave, in their order."""
    position: dict[int, int] = field(default_factory=dict)
    """Where the result of an operation stands in `made`."""
    taken_back: set[int] = field(default_factory=set)
    """Operations whose result has been deleted since."""
    begun: dict[int, Entry] = field(default_factory=dict)
    """Operations without an end."""
    extensions: dict[str, Any] = field(default_factory=dict)

    def put(self, operation: int, resource: Resource) -> None:
        self.made[self.at(operation)] = resource

    def mark(self, operation: int, mark: str) -> None:
        self.put(operation, {**self.made[self.at(operation)], mark: True})

    def at(self, operation: int) -> int:
        if operation not in self.position:
            raise ReplayError(f"operation {operation} gave no resource")
        return self.position[operation]


class Replay:
    """A journal, entry by entry."""

    def __init__(self, base: Deployment | None) -> None:
        """Begin with the state before the update; None for a stack that never had one."""
        self._base: Deployment = dict(base or {})
        self._changes = _Changes()
        self._refreshed = False
        self._byte_strings = False
        self._apply = {
            Kind.BEGIN: self._begin,
            Kind.SUCCESS: self._success,
            Kind.FAILURE: self._failure,
            Kind.REFRESH_SUCCESS: self._refresh_success,
            Kind.OUTPUTS: self._outputs,
            Kind.WRITE: self._write,
            Kind.SECRETS_MANAGER: self._secrets_manager,
            Kind.REBUILT_BASE_STATE: self._rebuilt_base_state,
            Kind.EXTENSION_PARAMETERIZE: self._extension,
            Kind.SNIPPETS: self._snippets,
        }

    def add(self, entry: Entry) -> None:
        """Take the next entry.

        Raises: ReplayError when it is about a resource that is not there.
        """
        self._byte_strings = self._byte_strings or bool(entry.get("requiresByteString"))
        self._apply[Kind(entry["kind"])](self._changes, entry)

    def _begin(self, changes: _Changes, entry: Entry) -> None:
        changes.begun[entry["operationID"]] = entry

    def _failure(self, changes: _Changes, entry: Entry) -> None:
        changes.begun.pop(entry["operationID"], None)

    def _success(self, changes: _Changes, entry: Entry) -> None:
        operation = entry["operationID"]
        changes.begun.pop(operation, None)
        if entry.get("state") is not None:
            changes.position[operation] = len(changes.made)
            changes.made.append(entry["state"])
        for key, indices in (
            ("removeOld", changes.gone),
            ("removeNew", changes.taken_back),
            ("deleteOld", changes.to_delete),
            ("pendingReplacementOld", changes.to_replace),
        ):
            if entry.get(key) is not None:
                indices.add(entry[key])
        for key, mark in (("deleteNew", "delete"), ("pendingReplacementNew", "pendingReplacement")):
            if entry.get(key) is not None:
                changes.mark(entry[key], mark)
        self._refreshed = self._refreshed or bool(entry.get("isRefresh"))

    def _refresh_success(self, changes: _Changes, entry: Entry) -> None:
        changes.begun.pop(entry["operationID"], None)
        self._refreshed = True
        if entry.get("state") is not None:
            self._outputs(changes, entry)
            return
        if entry.get("removeOld") is not None:
            changes.gone.add(entry["removeOld"])
        if entry.get("removeNew") is not None:
            changes.taken_back.add(entry["removeNew"])

    def _outputs(self, changes: _Changes, entry: Entry) -> None:
        if entry.get("state") is None:
            return
        if entry.get("removeOld") is not None:
            changes.replaced[entry["removeOld"]] = entry["state"]
        if entry.get("removeNew") is not None:
            changes.put(entry["removeNew"], entry["state"])

    def _write(self, _: _Changes, entry: Entry) -> None:
        self._base = dict(entry.get("newSnapshot") or {})

    def _secrets_manager(self, _: _Changes, entry: Entry) -> None:
        self._base["secrets_providers"] = entry.get("secretsProvider")

    def _snippets(self, _: _Changes, entry: Entry) -> None:
        self._base["snippets"] = entry.get("snippets")

    def _extension(self, changes: _Changes, entry: Entry) -> None:
        changes.extensions[entry["extensionRef"]] = entry["extension"]

    def _rebuilt_base_state(self, _: _Changes, __: Entry) -> None:
        self._base = self.deployment({}).deployment
        self._changes = _Changes()

    def deployment(self, manifest: Mapping[str, str]) -> Typed:
        """The state after the entries so far, with this manifest; operations without an end are pending in it."""
        resources = _referring_to_what_is_there(self._resources()) if self._refreshed else self._resources()
        base = self._base
        pending = [entry["operation"] for entry in self._changes.begun.values() if entry.get("operation")]
        # A creation that nobody knows the end of stays until somebody settles it.
        pending += [operation for operation in base.get("pending_operations") or () if operation["type"] == "creating"]
        features = {
            feature
            for resource in (*resources, *(operation["resource"] for operation in pending))
            for name, feature in _FEATURES.items()
            if resource.get(name)
        }
        if self._byte_strings and (resources or pending):
            features.add("byteString")  # a string in a secret cannot be seen here, so the entry says it
        if base.get("snippets"):
            features.add(_FEATURES["snippetID"])
        deployment = {
            "manifest": dict(manifest),
            "secrets_providers": base.get("secrets_providers"),
            "resources": resources,
            "pending_operations": pending,
            "metadata": base.get("metadata") or {},
            "snippets": base.get("snippets"),
            "extensions": {**self._changes.extensions, **(base.get("extensions") or {})},
        }
        kept = {name: value for name, value in deployment.items() if value or name in ("manifest", "metadata")}
        schema = _SCHEMA_WITH_FEATURES if features else _SCHEMA
        return Typed(_without_aliases(kept), schema, sorted(features))

    def _resources(self) -> list[Resource]:
        """What operations gave first, then what stays of the base: so each stands after what it depends on."""
        changes = self._changes
        taken_back = {changes.at(operation) for operation in changes.taken_back}
        resources = [made for index, made in enumerate(changes.made) if index not in taken_back]
        for index, old in enumerate(self._base.get("resources") or ()):
            if index in changes.gone:
                continue
            if index in changes.replaced:
                resources.append(changes.replaced[index])
                continue
            marks = {}
            if index in changes.to_replace:
                marks["pendingReplacement"] = True
            if index in changes.to_delete:
                marks["delete"] = True
            resources.append({**old, **marks})
        return resources


def replayed(base: Deployment | None, entries: Iterable[Entry], manifest: Mapping[str, str]) -> Typed:
    """The state that these entries lead to."""
    replay = Replay(base)
    for entry in entries:
        replay.add(entry)
    return replay.deployment(manifest)


def _referring_to_what_is_there(resources: Iterable[Resource]) -> list[Resource]:
    """Without references to what is not there any more: a refresh may find anything gone."""
    there: set[str] = set()
    kept = []
    for resource in resources:
        copy = dict(resource)
        for key in ("dependencies", "replaceWith"):
            _put(copy, key, [urn for urn in copy.get(key) or () if urn in there])
        _put(
            copy,
            "propertyDependencies",
            {
                name: known
                for name, on in (copy.get("propertyDependencies") or {}).items()
                if (known := [urn for urn in on or () if urn in there])
            },
        )
        if copy.get("deletedWith") not in there:
            copy.pop("deletedWith", None)
        there.add(copy["urn"])
        kept.append(copy)
    _with_living_parents(kept, there)
    return kept


def _with_living_parents(resources: Iterable[Resource], there: set[str]) -> None:
    parents: dict[str, str] = {}
    for resource in resources:
        before = resource.get("parent", "")
        if before not in there:
            _put(resource, "parent", parents.get(before, ""))
        parents[resource["urn"]] = before


def _put(resource: Resource, key: str, value: Any) -> None:
    """Set a property, or take it away when the value is empty: the engine writes no empty one."""
    if value:
        resource[key] = value
    else:
        resource.pop(key, None)


def _without_aliases(deployment: Deployment) -> Deployment:
    """With every reference by the URN that the resource has now."""
    now: dict[str, str] = {}
    for resource in deployment.get("resources") or ():
        for alias in resource.get("aliases") or ():
            now.setdefault(alias, resource["urn"])
        parent = now.get(resource.get("parent", ""))
        if parent and urns.parts(parent)[2] != urns.ROOT_TYPE:
            now[resource["urn"]] = urns.under(resource["urn"], parent)
    if not now:
        return deployment

    def new(urn: str) -> str:
        return now.get(urn, urn)

    resources = [urns.rewritten(resource, new) for resource in deployment["resources"]]
    for resource in resources:
        resource.pop("aliases", None)
    changed = {**deployment, "resources": resources}
    if deployment.get("snippets"):
        changed["snippets"] = [
            {**snippet, "references": {name: new(urn) for name, urn in (snippet.get("references") or {}).items()}}
            for snippet in deployment["snippets"]
        ]
    return changed
