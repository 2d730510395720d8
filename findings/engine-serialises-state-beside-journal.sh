#!/usr/bin/env bash
# Pulumi CLI 3.274.1 (Go module github.com/pulumi/pulumi/pkg/v3), SDK pulumi 3.272.0 from PyPI.
#
# A service that answers `journalVersion: 1` gets each step as a small journal entry. Beside that journal the CLI keeps
# a second snapshot manager, whose persister throws everything away, and which still serialises and verifies the whole
# state at each step (also in a preview). So the processor time of a step grows with the size of the state, as it does
# without a journal. 3.250.0 has no such second manager.
# PULUMI_SKIP_CHECKPOINTS=true, which is there to leave out checkpoints, takes this work away and leaves the journal as
# it is: the service gets the same number of entries.
#
# Seen (2 cores, 2026-11-29), processor time of the CLI: 14.6 ms a resource among 400 and 36.6 among 1,600; with the
# variable 7.6 and 5.9 ms; 1,204 and 4,804 entries of the journal both ways.
#
# Fails when a step no longer costs more in a larger state, or when the variable changes the journal.
# Needs go >= 1.26 and python3 >= 3.10; builds the CLI (some minutes).
set -euo pipefail
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT; cd "$work"

cat > go.mod <<'MOD'
module finding

go 1.26

require github.com/pulumi/pulumi/pkg/v3 v3.274.1
MOD
GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -trimpath -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.274.1" \
  -o bin/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
python3 -m venv venv
venv/bin/pip install --quiet pulumi==3.272.0

cat > measure.py <<'PY'
import gzip, json, os, pathlib, resource, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pulumi
from pulumi import automation

ENTRIES, STACKS = [], set()


class Service(BaseHTTPRequestHandler):
    """What an update of a stack asks of a service that keeps nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, verb):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        asked, parts, code = json.loads(body or b"{}"), self.path.split("?")[0].strip("/").split("/"), 200
        said = {}
        if self.path.startswith("/api/user"):
            said = {"githubLogin": "me", "name": "me", "organizations": [{"githubLogin": "me", "name": "me"}]}
        elif parts[1] == "stacks" and len(parts) == 4 and verb == "POST":
            STACKS.add(asked["stackName"])
        elif parts[1] == "stacks" and len(parts) == 5 and verb == "GET":
            if parts[4] not in STACKS:
                code, said = 404, {"code": 404, "message": "Not Found: Stack not found"}
            else:
                said = {"orgName": "me", "projectName": parts[3], "stackName": parts[4], "id": "1", "version": 0}
        elif parts[-1] == "export":
            said = {"version": 3, "deployment": {"manifest": {"time": "2026-01-01T00:00:00Z"}}}
        elif len(parts) == 6 and parts[5] in ("update", "preview") and verb == "POST":
            said = {"updateID": "1"}
        elif len(parts) == 7 and verb == "POST":
            said = {"version": 1, "token": "t", "journalVersion": 1, "tokenExpiration": 4102444800}
        elif parts[-1] == "journalentries":
            ENTRIES.extend(asked["entries"])
        elif len(parts) == 7 and verb == "GET":
            said = {"status": "succeeded", "events": []}
        elif parts[-1] == "updates":
            said = {"updates": [{
                "kind": "update", "startTime": 1, "endTime": 2, "message": "", "environment": {}, "config": {},
                "result": "succeeded", "version": 1, "resourceChanges": {},
            }]}
        sent = json.dumps(said).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = lambda self: self.answer("GET")
    do_POST = lambda self: self.answer("POST")
    do_PATCH = lambda self: self.answer("PATCH")
    do_DELETE = lambda self: self.answer("DELETE")


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """The CLI closes connections that it keeps as it ends."""


server = Server(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()
here = pathlib.Path.cwd()
os.environ["PATH"] = f"{here / 'bin'}:{os.environ['PATH']}"


def up(count, skip):
    """Processor milliseconds of the CLI for each resource, and the entries that the service got."""

    def program():
        for number in range(count):
            made = pulumi.ComponentResource("a:index:Part", f"part-{number}", {"text": "x" * 400})
            made.register_outputs({"text": "x" * 400})

    variables = {
        "PULUMI_HOME": str(here / "home"),
        "PULUMI_BACKEND_URL": f"http://127.0.0.1:{server.server_port}",
        "PULUMI_ACCESS_TOKEN": "t",
        "PULUMI_CONFIG_PASSPHRASE": "p",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SKIP_CHECKPOINTS": "true" if skip else "false",
    }
    stack = automation.create_or_select_stack(
        f"s{count}{skip}".lower(), "finding", program,
        opts=automation.LocalWorkspaceOptions(env_vars=variables, secrets_provider="passphrase"),
    )
    ENTRIES.clear()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    stack.up(suppress_progress=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * seconds / count, len(ENTRIES)


SMALL, LARGE = 400, 1600
found = {(count, skip): up(count, skip) for skip in (False, True) for count in (SMALL, LARGE)}
for (count, skip), (each, entries) in found.items():
    print(f"{count} resources, PULUMI_SKIP_CHECKPOINTS={str(skip).lower()}: {each:.1f} ms a resource, {entries} entries")
grown = {skip: found[LARGE, skip][0] / found[SMALL, skip][0] for skip in (False, True)}
print(f"a resource among {LARGE} costs {grown[False]:.1f} times one among {SMALL}; with the variable {grown[True]:.1f} times")
assert grown[False] > 1.8, "a step no longer costs more in a larger state"
assert grown[True] < 1.3, "the variable no longer takes that work away"
assert found[LARGE, False][1] == found[LARGE, True][1] > LARGE, "the variable changes the journal"
PY
venv/bin/python measure.py
