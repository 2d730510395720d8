"""Every rule of checkov on a type that the local cloud serves: the guardrail that demands the same, or why none does.

`python -m bench checkov` reads the rules from the package again, writes `checkov_rules.json` and `docs/checkov.md`, and
fails where a rule has no answer; a test holds the answers against that file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.terraform_names import terraform_type
from localcloud.aws.kinds import KINDS

VERSION = "3.3.30"
"""Of checkov."""
ROOT = Path(__file__).parents[1]
RULES, PAGE = Path(__file__).with_name("checkov_rules.json"), ROOT / "docs" / "checkov.md"
_CLOUD_FORMATION = ("AWS::IAM::", "AWS::SSM::Parameter", "AWS::ApiGatewayV2::Stage")
"""Types of the rules that checkov has for CloudFormation alone, as far as they are of served kinds."""
_OF_OTHER_KINDS = frozenset({"CKV2_AWS_37"})
"""Rules that name every type, and are about one that is not served."""
_READ = """
import json
import checkov.cloudformation.checks.resource, checkov.terraform.checks.resource
from checkov.cloudformation.checks.resource.registry import cfn_registry
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.terraform.checks.resource.registry import resource_registry
found = {}
def add(check, types):
    rule = found.setdefault(check.id, {"demand": check.name, "types": []})
    rule["types"] = sorted({*rule["types"], *types})
for registry in (resource_registry, cfn_registry):
    for checks in (registry.checks, registry.wildcard_checks):
        for kind, of in checks.items():
            for check in of:
                add(check, [kind])
for language in ("terraform", "cloudformation"):
    registry = get_graph_checks_registry(language)
    registry.load_checks()
    for check in registry.checks:
        add(check, check.resource_types)
print(json.dumps({rule: about for rule, about in found.items() if rule.startswith("CKV")}))
"""

COUNTERPARTS: Mapping[str, str] = {
    "blocked-buckets": "CKV2_AWS_6",
    "closed-containers": "CKV_AWS_334 CKV_AWS_335",
    "closed-functions": "CKV_AWS_45",
    "empty-default-groups": "CKV2_AWS_12",
    "encrypted-disks": "CKV_AWS_3 CKV_AWS_8 CKV2_AWS_2",
    "encrypted-storage": "CKV_AWS_16 CKV_AWS_26 CKV_AWS_27 CKV_AWS_29 CKV_AWS_30 CKV_AWS_42 CKV_AWS_43 CKV_AWS_96",
    "ended-uploads": "CKV_AWS_300",
    "imdsv2": "CKV_AWS_79",
    "kept-data": "CKV_AWS_139 CKV_AWS_150 CKV_AWS_293",
    "least-rights": "CKV_AWS_62 CKV_AWS_63 CKV_AWS_107 CKV_AWS_109 CKV_AWS_110 CKV_AWS_286 CKV_AWS_287 CKV_AWS_289 "
    "CKV2_AWS_40 CKV2_AWS_68",
    "listener-ports-only": "CKV_AWS_24 CKV_AWS_25 CKV_AWS_260 CKV_AWS_277 CKV2_AWS_7",
    "logs-end": "CKV_AWS_66",
    "modern-tls": "CKV_AWS_34 CKV_AWS_103 CKV_AWS_174 CKV_AWS_206 CKV2_AWS_74",
    "named-principals": "CKV_AWS_32 CKV_AWS_33 CKV_AWS_60 CKV_AWS_61 CKV_AWS_70 CKV_AWS_168 CKV_AWS_169 CKV_AWS_258 "
    "CKV_AWS_301 CKV_AWS_387 CKV_AWS_393",
    "no-administrators": "CKV_AWS_274 CKV2_AWS_56",
    "no-plain-secrets": "CKV_AWS_46 CKV_AWS_384 CKV2_AWS_34",
    "own-keys": "CKV_AWS_119 CKV_AWS_136 CKV_AWS_149 CKV_AWS_158 CKV_AWS_184 CKV_AWS_185",
    "private-buckets": "CKV_AWS_20 CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV_AWS_57 CKV_AWS_375 CKV2_AWS_43",
    "private-databases": "CKV_AWS_17",
    "private-instances": "CKV_AWS_88 CKV_AWS_389",
    "private-subnets": "CKV_AWS_130",
    "private-tasks": "CKV_AWS_333",
    "redirected-listeners": "CKV_AWS_2 CKV2_AWS_20",
    "tagged-launches": "CKV_AWS_153",
    "valid-headers": "CKV_AWS_131",
}
"""Guardrail to the rules that demand what it demands."""

REASONS: tuple[tuple[str, str], ...] = (
    (
        "who is in an account, and how they sign in, is the account's: no stack of ours makes users or a root key",
        (
            "CKV_AWS_9 CKV_AWS_10 CKV_AWS_11 CKV_AWS_12 CKV_AWS_13 CKV_AWS_14 CKV_AWS_15 CKV_AWS_40 CKV_AWS_273 "
            "CKV_AWS_348 CKV2_AWS_14 CKV2_AWS_21 CKV2_AWS_22"
        ),
    ),
    (
        "a firewall is a setting (`load_balancer.web_acl_arn`), it costs, and its rules are its owner's",
        (
            "CKV_AWS_68 CKV_AWS_175 CKV_AWS_192 CKV_AWS_342 CKV2_AWS_28 CKV2_AWS_29 CKV2_AWS_31 CKV2_AWS_47 "
            "CKV2_AWS_76 "
            "CKV2_AWS_77 CKV2_AWS_78"
        ),
    ),
    (
        (
            "the components do it without being asked, and a stack file may say otherwise; programs of one's own "
            "decide "
            "for themselves"
        ),
        (
            "CKV_AWS_7 CKV_AWS_23 CKV_AWS_65 CKV_AWS_91 CKV_AWS_126 CKV_AWS_152 CKV_AWS_249 CKV_AWS_261 CKV_AWS_315 "
            "CKV_AWS_328 CKV_AWS_336 CKV2_AWS_5 CKV2_AWS_11 CKV2_AWS_15 CKV2_AWS_41 CKV2_AWS_61 CKV2_AWS_64"
        ),
    ),
    (
        "AWS does it by itself today, or refuses the contrary",
        "CKV_AWS_19 CKV_AWS_211 CKV_AWS_227 CKV_AWS_234 CKV_AWS_332 CKV2_AWS_65",
    ),
    (
        "AWS's own key encrypts it; a key of one's own is demanded (`own-keys`) of what compositions keep data in",
        (
            "CKV_AWS_145 CKV_AWS_173 CKV_AWS_186 CKV_AWS_189 CKV_AWS_191 CKV_AWS_224 CKV_AWS_297 CKV_AWS_327 "
            "CKV_AWS_337 "
            "CKV_AWS_354 CKV2_AWS_73"
        ),
    ),
    (
        (
            "copies, backups and second zones are worth what the data is worth, which no rule knows; no composition "
            "makes it"
        ),
        (
            "CKV_AWS_21 CKV_AWS_28 CKV_AWS_133 CKV_AWS_134 CKV_AWS_143 CKV_AWS_144 CKV_AWS_157 CKV_AWS_310 CKV_AWS_326 "
            "CKV2_AWS_8 CKV2_AWS_50"
        ),
    ),
    (
        "what is worth a record of its own, its owner knows; no composition makes it",
        (
            "CKV_AWS_18 CKV_AWS_76 CKV_AWS_86 CKV_AWS_95 CKV_AWS_118 CKV_AWS_129 CKV_AWS_223 CKV_AWS_276 CKV_AWS_285 "
            "CKV_AWS_324 CKV_AWS_325 CKV_AWS_353 CKV2_AWS_4 CKV2_AWS_27 CKV2_AWS_30 CKV2_AWS_39 CKV2_AWS_62"
        ),
    ),
    (
        "a matter of speed, cost or operation, not of safety",
        (
            "CKV_AWS_50 CKV_AWS_73 CKV_AWS_115 CKV_AWS_116 CKV_AWS_120 CKV_AWS_135 CKV_AWS_216 CKV_AWS_225 CKV_AWS_226 "
            "CKV_AWS_284 CKV_AWS_305 CKV_AWS_313 CKV_AWS_322 CKV2_AWS_16 CKV2_AWS_60"
        ),
    ),
    (
        (
            "an API or a distribution is open on purpose, and who may call it is decided where it is made; no "
            "composition makes one"
        ),
        (
            "CKV_AWS_59 CKV_AWS_259 CKV_AWS_308 CKV_AWS_309 CKV_AWS_366 CKV_AWS_374 CKV2_AWS_32 CKV2_AWS_42 "
            "CKV2_AWS_46 "
            "CKV2_AWS_51 CKV2_AWS_53 CKV2_AWS_54 CKV2_AWS_70 CKV2_AWS_72 CKV2_AWS_75"
        ),
    ),
    (
        "a second fence: security groups are judged (`docs/guides/guardrails.md`, ways that are known)",
        "CKV_AWS_229 CKV_AWS_230 CKV_AWS_231 CKV_AWS_232 CKV_AWS_352 CKV2_AWS_1",
    ),
    (
        "which version has a known hole changes by the week: for a scanner with today's list",
        "CKV_AWS_250 CKV_AWS_363 CKV_AWS_388",
    ),
    (
        "Pulumi creates the new before it deletes the old by itself",
        "CKV_AWS_217 CKV_AWS_233 CKV_AWS_237",
    ),
    (
        "of services that no composition uses, where the demand hangs on how they are used",
        (
            "CKV_AWS_31 CKV_AWS_97 CKV_AWS_117 CKV_AWS_161 CKV_AWS_162 CKV_AWS_163 CKV_AWS_272 CKV_AWS_323 CKV_AWS_329 "
            "CKV_AWS_330 CKV2_AWS_57 CKV2_AWS_69"
        ),
    ),
    (
        "names and routes are right or wrong by what they lead to, which `accordion monitor` sees",
        "CKV2_AWS_23 CKV2_AWS_35 CKV2_AWS_38 CKV2_AWS_44",
    ),
    (
        "reading on every resource may be joined by a wildcard (`docs/guides/guardrails.md`, ways that are known)",
        "CKV_AWS_108 CKV_AWS_288",
    ),
    (
        (
            "writing on every resource is refused of what gives rights, secrets or a way out; the rest is what "
            "services "
            "are for"
        ),
        "CKV_AWS_111 CKV_AWS_290 CKV_AWS_355",
    ),
    (
        "who is named may use all of the one thing that the policy is on",
        "CKV_AWS_72 CKV_AWS_93 CKV_AWS_385",
    ),
    (
        "a service that is named as principal is known; which of its resources calls is its matter",
        "CKV_AWS_364",
    ),
    (
        "images are fixed by their digests (`fixed-images`), whatever the repository lets be pushed again",
        "CKV_AWS_51",
    ),
    (
        "the reverse is demanded: an address belongs to a balancer or NAT (`private-addresses`)",
        "CKV2_AWS_19",
    ),
    (
        "TLS ends at the balancer; targets let in its group alone",
        "CKV_AWS_378",
    ),
    (
        "an alarm that records acts on nothing, by its setting (`severity: record`)",
        "CKV_AWS_319",
    ),
    (
        "how long logs must be kept is the owner's; the components' default is 365 days",
        "CKV_AWS_338",
    ),
    (
        "containers on instances need two hops to their host's metadata; the component sets 1 elsewhere",
        "CKV_AWS_341",
    ),
    (
        "the components open their own ports outward; a demand on all would refuse AWS's own default",
        "CKV_AWS_382",
    ),
    (
        "what refuses plain requests to a bucket is its policy, and checkov looks at the access list",
        "CKV_AWS_379",
    ),
    (
        "wildcards are how one certificate serves many names",
        "CKV2_AWS_71",
    ),
    (
        "an account's default network is adopted, never made: the components make one of their own",
        "CKV_AWS_148",
    ),
    (
        "about Terraform's own http data source",
        "CKV2_AWS_36",
    ),
)
"""Why rules have no guardrail, and which."""


def answers() -> Iterator[tuple[str, str, str]]:
    """Rule, guardrail or an empty text, reason or an empty text."""
    for guardrail, rules in COUNTERPARTS.items():
        yield from ((rule, guardrail, "") for rule in rules.split())
    for reason, rules in REASONS:
        yield from ((rule, "", reason) for rule in rules.split())


def read() -> dict[str, dict[str, Any]]:
    """The rules of the package on served types: what each demands, and the types, as Terraform calls them."""
    uv = str(Path(sys.executable).with_name("uv"))
    tool = [uv, "tool", "run", "--quiet", "--from", f"checkov@{VERSION}", "python", "-c", _READ]
    ran = subprocess.run(tool, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"bench: checkov's rules cannot be read: {ran.stderr[-500:]}")
    everything: dict[str, dict[str, Any]] = json.loads(ran.stdout)
    served = {terraform_type(token) for token in KINDS}
    found = {}
    for rule, about in everything.items():
        types = [kind for kind in about["types"] if kind in served]
        others = [kind for kind in about["types"] if kind.startswith(_CLOUD_FORMATION)]
        if (types or others) and rule not in _OF_OTHER_KINDS:
            found[rule] = {"demand": about["demand"], "types": types or others}
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _order(rule: str) -> tuple[str, int]:
    prefix, _, number = rule.rpartition("_")
    return prefix, int(number)


def kept() -> dict[str, dict[str, Any]]:
    """The rules as they were read last."""
    found: dict[str, dict[str, Any]] = json.loads(RULES.read_text(encoding="utf-8"))["rules"]
    return found


def page() -> str:
    """docs/checkov.md."""
    by_rule = {rule: (guardrail, reason) for rule, guardrail, reason in answers()}
    rules = kept()
    met = sum(bool(by_rule[rule][0]) for rule in rules)
    lines = [
        "# checkov's rules beside the guardrails",
        "",
        f"Written by `python -m bench checkov` from checkov {VERSION} and `bench/checkov_rules.py`; do not edit.",
        f"All of its {len(rules)} Terraform and CloudFormation rules on types that the local cloud serves:",
        f"{met} have a guardrail that demands the same, {len(rules) - met} have a reason for having none.",
        "What a guardrail demands, and of whom, says [the guide](guides/guardrails.md).",
        "It may demand less of what is not known yet, and more of what is written otherwise.",
        "",
        "| rule | demand | guardrail, or why there is none |",
        "|---|---|---|",
    ]
    for rule, about in rules.items():
        guardrail, reason = by_rule[rule]
        demand = " ".join(str(about["demand"]).split(" (")[0].replace("|", "/").split())
        lines.append(f"| {rule} | {demand} | {f'`{guardrail}`' if guardrail else reason} |")
    return "\n".join(lines) + "\n"


def write() -> tuple[int, int]:
    """Read the rules again and write both files; returns how many have a guardrail, and how many a reason.

    Raises SystemExit where a rule has no answer.
    """
    rules = read()
    RULES.write_text(json.dumps({"checkov": VERSION, "rules": rules}, indent=1) + "\n", encoding="utf-8")
    answered = {rule: guardrail for rule, guardrail, _ in answers()}
    if missing := [rule for rule in rules if rule not in answered]:
        raise SystemExit(f"bench: rules of checkov without an answer in bench/checkov_rules.py: {', '.join(missing)}")
    PAGE.write_text(page(), encoding="utf-8")
    met = sum(bool(answered[rule]) for rule in rules)
    return met, len(rules) - met
