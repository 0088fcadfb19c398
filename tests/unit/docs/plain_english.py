# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find turns of phrase that read as translated, and docstrings that do not begin with a verb.

Run this file to list them for the whole project, or for the files that are given as arguments.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
# Each set of files has its own limit. All patterns are relative to the root of the collection.
SETS = {
    "plugins": ("plugins/**/*.py",),
    "guides": (
        "docs/**/*.rst",
        "docs/**/*.md",
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "extensions/molecule/README.md",
    ),
    "roles and playbooks": ("roles/**/*.yml", "roles/**/*.md", "playbooks/**/*"),
    "tests": ("tests/**/*.py", "tests/**/*.yml", "tests/**/*.md", "noxfile.py", "noxfiles/*.py"),
}
TEXT = (".j2", ".md", ".py", ".rst", ".yml")
# The first word of the docstring of a public function. Add a verb if it is missing.
VERBS = set("""
    Abort Accept Act Add Allow Answer Append Apply Ask Assert Assume Attach Await Back Begin Block Bring Build Call Cancel
    Change Check Choose Clean Clear Close Collect Compare Compile Compute Configure Connect Continue Convert Copy Count Create Decide
    Decode Decrypt Delete Deny Derive Describe Detach Disable Discard Do Drop Enable Encode Encrypt End Ensure Enter Evaluate
    Exchange Exit Expect Explain Expose Extract Fail Fetch Fill Filter Find Finish Follow Forget Format Forward Free Generate
    Get Give Go Grant Group Handle Have Hide Hold Insert Install Interrupt Issue Join Keep Kill Leave Let Limit Link List
    Listen Load Lock Log Look Lose Make Map Mark Mask Match Measure Merge Migrate Mount Move Name Normalize Note Obtain Open
    Order Parametrize Parse Pass Pause Percent-encode Perform Permit Pick Pin Play Point Poll Post Prepare Print Prune Publish Put Query Quote
    Raise Read Receive Record Refresh Refuse Register Reject Release Reload Remember Remove Rename Render Renew Reorder Repair
    Repeat Replace Report Request Require Reset Resolve Restore Retry Return Revoke Rewrite Rotate Run Save Say Scan Schedule
    Search Select Send Serialize Serve Set Share Show Sign Skip Sleep Sort Split Spoil Start Stop Store Strip Substitute
    Switch Synchronize Take Tear Tell Terminate Test Time Translate Truncate Try Turn Unlock Unmount Update Use Validate
    Verify Visit Wait Walk Warn Watch Wrap Write Yield
    """.split())
# No docstring begins with these words, not even that of a class, a file, or a test.
NO_BEGINNING = {"How", "That", "The", "What", "Where", "Whether", "Which", "Who", "Whom", "Whose"}
LICENCE = re.compile(r"GNU General|Copyright|SPDX-|PRIVATE|Do not use this from|GPL-3")


class Match(NamedTuple):
    """A turn of phrase in a file, with the words around it and the advice of the list."""

    path: Path
    words: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}: ...{self.words}... ({self.advice})"


def turns_of_phrase() -> dict[re.Pattern[str], str]:
    """Return the list of turns of phrase, as patterns with their advice."""
    lines = Path(__file__).with_name("turns_of_phrase.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(": ", 1) for line in lines if line and not line.startswith("#")]
    return {re.compile(rf"\b(?:{pattern})\b", re.M): advice for advice, pattern in rows}


def python_prose(source: str) -> str:
    """Return the comments of a Python file, and the strings that consist of several words."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_prose = token.type == tokenize.STRING and " " in token.string
        # F-strings have their own tokens since Python 3.12.
        is_prose = is_prose or tokenize.tok_name[token.type] == "FSTRING_MIDDLE"
        if is_prose or token.type == tokenize.COMMENT:
            found.append(token.string)
    return "\n".join(found)


def prose(path: Path) -> str:
    """Return the text of a file that a person reads, without code blocks and licence headers."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = python_prose(text)
    elif path.suffix == ".rst":
        text = re.sub(r"^( *)\.\. code-block::.*\n(?:\1 .*\n|\n)*", "", text, flags=re.M)
    elif path.suffix == ".md":
        text = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.M | re.S)
    return "\n".join(line for line in text.splitlines() if not LICENCE.search(line))


def files(patterns: tuple[str, ...]) -> list[Path]:
    """Return the files of a set."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if path.is_file() and path.suffix in TEXT)


def count_words(text: str) -> int:
    """Return the number of words of a text."""
    return len(re.findall(r"[A-Za-z']+", text))


def matches(path: Path, text: str) -> list[Match]:
    """Return the turns of phrase in the text of a file."""
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return [
        Match(name, " ".join(text[max(0, found.start() - 40) : found.end() + 40].split()), advice)
        for pattern, advice in turns_of_phrase().items()
        for found in pattern.finditer(text)
    ]


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """Yield name and first word of each docstring that does not begin as it must."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, *functions)):
            continue
        name = getattr(node, "name", path.name)
        first = (ast.get_docstring(node) or "").split(maxsplit=1)[:1]
        is_public = isinstance(node, functions) and not name.startswith(("_", "test_"))
        if first and (first[0] in NO_BEGINNING or is_public and first[0] not in VERBS):
            yield name, first[0]


def main(arguments: list[str]) -> None:
    """Print every finding and the figures of each set."""
    sets = {"given": tuple(arguments)} if arguments else SETS
    for name, patterns in sets.items():
        texts = {path: prose(path) for path in files(patterns)}
        found = [match for path, text in texts.items() for match in matches(path, text)]
        print(*found, sep="\n")
        starts = 0
        for path in texts:
            for where, word in docstrings(path) if path.suffix == ".py" else ():
                print(f"{path.relative_to(ROOT)}: the docstring of {where} begins with {word!r}")
                starts += 1
        words = sum(map(count_words, texts.values()))
        rate = 1000 * len(found) / max(words, 1)
        print(f"{name}: {len(found)} in {words} words, {rate:.1f} per 1,000; {starts} docstrings\n")


if __name__ == "__main__":
    main(sys.argv[1:])
