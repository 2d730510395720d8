"""Writes cases.json anew: stack files of every form, and what the engine reads in each.

go build -o ENGINE_READS . (beside main.go, with github.com/pulumi/pulumi/sdk/v3 at the engine's version)
python -m tests.stacks.engine_yaml.generate ENGINE_READS
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CASES = Path(__file__).with_name("cases.json")
HEAD = "config:\n"

# fmt: off
WORDS = ["010", "0", "00", "-0", "+0", "0o17", "0O17", "-0o17", "+0o17", "0x1F", "0X1f", "-0x1f", "0b11", "-0b11", "+0b11", "0b2", "08", "09", "0_8", "1_000", "_1", "1_", "1__0", "1_0.5", "1e3", "1E3", "1e+3", "1e-3", "1.e3", ".5", "-.5", "+.5", "5.", "5.e1", "1.5", "01.5", "001", "-01", "+1", "-1", "+1.5", ".inf", ".Inf", ".INF", "-.inf", "+.inf", ".nan", ".NaN", ".NAN", "inf", "nan", "NaN", "Inf", "1e309", "-1e309", "1e400", "99999999999999999999", "18446744073709551615", "18446744073709551616", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "0.1", "1.0", "1.10", "100.0", "1e1", "12:30", "12:30:45", "1:2", "190:20:30", "190:20:30.15", "2026-01-05", "2026-1-5", "2026-02-30", "2026-13-01", "2026-01-05T10:00:00Z", "2026-01-05t10:00:00Z", "2026-01-05T10:00:00", "2026-01-05T10:00:00+01:00", "2026-01-05T10:00:00.5Z", "2026-1-5T1:2:3Z", "0001-01-01", "9999-12-31", "0000-01-01", "2026-01-05T24:00:00Z", "2026-01-05T23:59:60Z", "true", "True", "TRUE", "tRue", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "OFF", "y", "Y", "n", "N", "null", "Null", "NULL", "nULL", "~", "~~", "None", "none", "<<", "<<x", "=", "==", "!", "0x", "0b", "0o", "0xg", "-", "--", "+", "++", ".", "..", "...", ".e1", "e1", "1e", "1e+", "0.e", "1,000", "1.2.3", "1.29.1", "v1", "1m", "60s", "50/s", "0.5/s", "0x_1", "0o_7", "0b_1", "0_", "0__1", "-_1", "+_1", "1_.5", "1._5", "._5", "1e_3", "1e3_", "1_e3", "1.5e3_0", "0x1p-2", "0x1.8p1", "0X1P3", "1p3", "Infinity", "-Infinity", "+Inf", "-Inf", "+inf", "-nan", "0777", "0888", "-0777", "+0777", "0o8", "0o789", "00.5", "0.0", "-0.0", "1e0", "1e00", "4.9e-324", "1e-400", "1.7976931348623157e308", "a#b", "a:b", "null,", "2026", "20260105", "2026-01", "2026-001", "12e03", "0e0", "1_2_3", "1.2_3"]
"""Words without quotes."""
FORMS = ["    k: |\n      a\n       b\n\n      c\n","    k: >\n      a\n       b\n\n      c\n","    k: |-\n      a\n\n","    k: |+\n      a\n\n","    k: >+\n      a\n      b\n\n\n    l: 1\n","    k: |2\n        a\n","    k: >-\n      a\n\n      b\n        c\n      d\n",
      "    k: a\n     b\n     c\n","    k: 'a\n     b\n\n     c'\n","    k: \"a\\\n     b \\\n     c\"\n",'    k: "\\x41\\u00e9\\U0001F600\\/\\e\\0\\a\\N\\_\\L\\P"\n','    k: "\\d"\n','    k: "\\ud83d\\ude00"\n',
      "    k: a\u2028b\n","    k: a\u2029b\n","    k: a\x85b\n","    k: 'a\u2028b'\n","    k: |\n      a\u2028      b\n","    k: a\xa0b\n","    k: \ufeffa\n","    k: a\rb\n","    k: a # c\n","    k: a#c\n","    k: \"a\"#c\n","    k: [a,b]\n","    k: [a,]\n","    k: [a,,b]\n","    k: {a,b}\n","    k: {a: ,b: }\n","    k: {a}\n","    k: [a: 1]\n","    k: [a: 1, b: 2]\n","    k: {\"a\":1}\n","    k: {a:1}\n","    k: [a:1]\n","    k: {'a':1}\n","    ? k\n    : 1\n","    ? [a, b]\n    : 1\n","    ? {a: 1}\n    : 1\n","    ? k\n","    k:\n","    k: {}\n","    k: []\n","    k: ''\n","    k:\n    - a\n    - b\n","    k:\n    -\n    - b\n","    k: - a\n","    k: a: b\n","    k: a b: c\n","    k: @a\n","    k: `a`\n","    k: %a\n","    k: |a\n","    k: a|\n","    k: a, b\n","    k: [a b]\n","    k: a]\n","    k: http://a:80/b\n","    k: [http://a:80/b]\n","    k: {u: http://a:80/b}\n","    k: a:\n","    k: ::\n","    k: ?a\n","    k: ? a\n","    k: -a\n","    k: :a\n","    k: [:a]\n","    k: [?a]\n","    k: [-a]\n","    k: [-]\n","    k: [a?b]\n","    k: a?\n","    k: [a?]\n",
      *[f'    k: "a\\{c}b"\n' for c in "0abtnvfre \"/\\N_LP'xd"], *[f"    k: [a{c}b]\n" for c in "?:-#&*!|>'%@`=~^$;+<()"], *[f"    k: [{c}b]\n" for c in "?:-#&*!|>'%@`=~^$;+<()"],*[f"    k: {{b{c}: 1}}\n" for c in "?:-#&*!|>'%@`=~^$;+<()"],*[f"    k: {c}b\n" for c in "?:-#&*!|>'%@`=~^$;+<()"],*[f"    {c}b: 1\n" for c in "?:-#&*!|>'%@`=~^$;+<()"],*[f"    k: [{x}]\n" for x in ("a ?","a ? b","a?: 1","? a","? a : b","::","a::b","a: b","'a':b","'a' :b",'"a": b',"a :b","a : b","-","- a","--","a -b",":","a:","?")],
      "    b: &b { p: 1, q: 2 }\n    k: { <<: *b, q: 3 }\n","    b: &b { p: 1, q: 2 }\n    k: { q: 3, <<: *b }\n","    b: &b { p: 1 }\n    c: &c { p: 2, r: 3 }\n    k: { <<: [*b, *c] }\n","    b: &b { p: 1 }\n    c: &c { p: 2, r: 3 }\n    k: { <<: [*c, *b], s: 1 }\n","    b: &b { p: 1 }\n    c: &c { p: 2, r: 3 }\n    k:\n      <<: *b\n      <<: *c\n","    b: &b { p: 1 }\n    k: { '<<': *b }\n","    b: &b { p: 1 }\n    k: { \"<<\": *b }\n","    b: &b 1\n    k: { <<: *b }\n","    k: { <<: { p: 1 }, q: 1 }\n","    k: { <<: [] }\n","    k: { <<: null }\n","    b: &b { p: { x: 1 } }\n    k: { <<: *b, p: { y: 2 } }\n","    a: &a { p: 1 }\n    b: &b { <<: *a, q: 2 }\n    k: { <<: *b, p: 3 }\n","    a: &a { 1: 1 }\n    k: { <<: *a, 1: 2 }\n",
      "    a: &x 1\n    b: &x 2\n    k: *x\n","    &a k: 1\n    l: *a\n","    a: &a k\n    *a : 1\n","    a: &a.b 1\n    k: *a.b\n","    a: &a 1\n    k: [*a]\n","    a: &a 1\n    k: {*a : 2}\n","    a: &ä 1\n    k: *ä\n","    a: &a\n    k: *a\n","    k: !!map { a: 1 }\n","    k: !!seq [1]\n","    k: !!set {a}\n","    k: !!str\n","    k: !!null\n","    k: !!binary aGk=\n","    k: !!timestamp 2026-01-01\n","    k: !!omap [a: 1]\n",
      "    k: 1\n...\n","    k: 1\n---\n","    k: 1\n...\n# c\n","    k: 1 \n","    k: 1\t\n","    k:\t1\n","    k: \t1\n","    k: a\tb\n","    k: [1,\t2]\n","\tk: 1\n","    k: 1\n   l: 2\n","    k: 1\n     l: 2\n","    k: {a: 1\n    }\n","    k: {a: 1\n}\n","    k: [\n1\n]\n","    k: [1\n","    k: 'a\n","    k: 1\n    k: 2\n","    1: 1\n    '1': 2\n","    k: {a: 1, 'a': 2}\n","    1: a\n    0x1: b\n","    k: \"a\nb\"\n","    k: |\n     a\n    b\n","    k: |\n\n      a\n","    k: |\n        \n      a\n","    k: >\n      # a\n","    k: |\n      a\n    # c\n    l: 1\n","    k: |\n      a\n   # c\n    l: 1\n","    k: | # c\n      a\n","    k: |# c\n      a\n","    k: |10\n      a\n","    k: |0\n      a\n","    k: '\\n'\n","    k: ''''\n","    k: 'a''b'\n","    "+"x"*1020+": 1\n","    "+"x"*1025+": 1\n","    k: {"+"x"*1030+": 1}\n","    k: \x07\n","    k: \x00\n","    k: \x7f\n","    k: é\n","    k: 😀\n","    k: \ufffe\n","    secure: x\n","    k: { secure: x }\n","    k: { secure: 1 }\n","    k: { secure: x, y: 1 }\n","    k: { secure: [a] }\n","    k: { secure: null }\n","    k: [ { secure: x } ]\n"]
"""Lines below a section."""
FILES = ["","#\n","config:\n","config: {}\n","config: null\n","config: []\n","config:\n  accordion:x: 1\n","config:\n  accordion:x: '1'\n","config:\n  accordion:x:\n","config:\n  accordion:x: null\n","config:\n  accordion:x: true\n","config:\n  accordion:x: 1.50\n","config:\n  accordion:x: 2026-01-01\n","config:\n  accordion:config:x: 1\n","config:\n  accordion:config:x: 2\n  accordion:x: 1\n","config:\n  accordion:x.y: 1\n","config:\n  'accordion:x[0]': 1\n","config:\n  x: 1\n","config:\n  ' accordion:x': 1\n","config:\n  accordion:x : 1\n","\ufeffconfig:\n  accordion:x: 1\n","config:\n  accordion:x: { value: 1 }\n","config:\n  accordion:x:\n    value: { a: 1 }\n","config:\n  accordion:x:\n    default: 1\n","config:\n  accordion:x: {type: string, default: a}\n","# c\n%YAML 1.2\n---\nconfig:\n  accordion:x: 1\n","%FOO\n---\nconfig:\n  accordion:x: 1\n","%TAG ! tag:a,2000:\n---\nconfig:\n  accordion:x: !!str 1\n","%YAML 1.3\n---\nconfig:\n  accordion:x: 1\n","%YAML 2.0\n---\nconfig:\n  accordion:x: 1\n"]
"""Whole files."""
# fmt: on


def words() -> list[str]:
    """The words above, and others of the letters that numbers and times are made of."""
    rng = random.Random(7)
    found = list(WORDS)
    letters = "0123456789" * 2 + "+-_.eExXoObB:tTZ"
    found += ["".join(rng.choice(letters) for _ in range(rng.randint(1, 8))) for _ in range(500)]
    for _ in range(400):
        start = rng.choice(["0", "1", "2", "9", "-0", "+0", "-", "+", "0x", "0o", "0b", "2026-", "2026-1-", "."])
        found.append(start + "".join(rng.choice("01279_.eE-+aFo") for _ in range(rng.randint(0, 5))))
    for _ in range(120):
        day = f"{rng.randint(0, 9999):04d}-{rng.randint(0, 13)}-{rng.randint(0, 32)}"
        hour = f"{rng.choice('Tt ')}{rng.randint(0, 25)}:{rng.randint(0, 61)}:{rng.randint(0, 61)}"
        part = rng.choice(["", ".5", ".123456789", ".1234567890"])
        zone = rng.choice(["", "Z", "z", "+01:00", "-5", " +1"])
        found.append(day + rng.choice(["", hour + part + zone]))
    return list(dict.fromkeys(word for word in found if not word.endswith(":")))


def files() -> Iterator[str]:
    """Every word as a value; the chosen ones in every place and style; the forms."""
    for word in words():
        yield f"{HEAD}  accordion:x:\n    k: {word}\n"
    for word in WORDS:
        for form in (
            "\n    - {}",
            " {{ k: {} }}",
            "\n    {}: 1",
            " {{ {}: 1 }}",
            " {{ k: '{}' }}",
            ' {{ k: "{}" }}',
            " {}",
        ):
            yield f"{HEAD}  accordion:x:{form.format(word)}\n"
        yield f"{HEAD}  accordion:x:\n    k: &a {word}\n    l: *a\n"
    for word in WORDS[::9]:
        yield f"%YAML 1.1\n---\n{HEAD}  accordion:x:\n    k: {word}\n"
        for tag in ("!!str", "!!int", "!!float", "!!bool", "!!null", "!"):
            yield f"{HEAD}  accordion:x:\n    k: {tag} {word}\n"
    for form in FORMS:
        text = f"{HEAD}  accordion:x:\n{form}"
        yield text
    for form in FORMS[::9]:
        text = f"{HEAD}  accordion:x:\n{form}"
        yield from (f"---\n{text}", text.replace("\n", "\r\n"))
    yield from FILES


def main() -> None:
    """Ask the engine's loader."""
    texts = list(dict.fromkeys(files()))
    asked = subprocess.run(sys.argv[1:2], input=json.dumps(texts), capture_output=True, text=True, check=True)
    answers = [answer.get("values", {}) if "error" not in answer else None for answer in json.loads(asked.stdout)]
    lines = [json.dumps([text, answer]) for text, answer in zip(texts, answers, strict=True)]
    CASES.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
