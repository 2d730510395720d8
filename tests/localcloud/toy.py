"""A cloud that is a folder: two types whose resources are files. It is all that a cloud has to bring to the provider."""

import json
from pathlib import Path

from localcloud.clouds import Cloud
from localcloud.provider.naming import Naming
from localcloud.provider.plan import Planned, Properties
from localcloud.provider.resource import Found, Refused
from localcloud.provider.schema import Obj, Type


class Kept(Planned[Path]):
    """A type; the session is the folder, and the id the name of the file with the outputs."""

    naming = Naming("name", longest=40)

    def __init__(self, token: str, required: dict[str, Type], optional: dict[str, Type], **properties: object) -> None:
        self.token, self.properties = token, Properties(**properties)
        self.input_schema = Obj(token, {"name": Type("str"), **required, **optional}, frozenset(required))
        self.output_schema = {**self.input_schema.props, "inscription": Type("str")}

    input_schema = output_schema = None  # set above, where a type of a whole SDK has properties

    def create(self, session, inputs, caller):
        if (session / inputs["name"]).exists():
            raise Refused(f"there is a {inputs['name']} already")
        return inputs["name"], self._write(session, inputs)

    def read(self, session, resource_id, inputs, state):
        if not (session / resource_id).exists():
            return None
        live = json.loads((session / resource_id).read_text())
        return Found(resource_id, live, self.read_back(inputs, state, live))

    def update(self, session, resource_id, old, new, state, caller):
        return self._write(session, new)

    def delete(self, session, resource_id, state):
        (session / resource_id).unlink(missing_ok=True)

    def _write(self, folder, inputs):
        state = {**self.properties.defaults, **inputs, "inscription": f"{self.token} {inputs['name']}"}
        (folder / inputs["name"]).write_text(json.dumps(state))
        return state


class Count:
    """A function: how many resources there are."""

    schema = Obj("count", {}, frozenset()), {"resources": Type("int")}

    def invoke(self, session, arguments):
        return {"resources": len(list(session.iterdir()))}


class Toy:
    """The cloud."""

    package, version = "toy", "1.0.0"
    adding_a_type = adding_a_function = "see tests/localcloud/toy.py"

    def __init__(self) -> None:
        self.identity, self.reasons = ("folder",), {"toy:index:Wall": "it cannot be moved"}
        self.functions = {"toy:index:count": Count()}
        shelf = Kept("toy:index:Shelf", {"height": Type("int")}, {"label": Type("str")},
                     force_new={"height", "name"}, defaults={"label": "unlabelled"})  # fmt: skip
        book = Kept("toy:index:Book", {"shelf": Type("str")}, {"titles": Type("list", Type("str"))},
                    force_new={"name"}, unordered={"titles"})  # fmt: skip
        self.resources = {each.token: each for each in (shelf, book)}

    def configure(self, variables, folder):
        return Path(variables["folder"])

    def explain(self, error):
        return f"the folder says: {error.strerror}" if isinstance(error, OSError) else None


def open_cloud(endpoint, token):
    return Toy()


class Running(Cloud):
    """The cloud for `localcloud.cloud`: it needs no server in its place, and has no clients and no accounts."""

    title, package, module = "Toy", "toy", "tests.localcloud.toy"
