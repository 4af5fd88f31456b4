#!/usr/bin/env python3
"""Makes docs/engine_abi_reference.md from the comments in include/lmbench/.

usage: abi_reference.py [--check]     --check: only tells whether the page is as it would be made

Reads the plain style of these headers, not C++ at large; what it does not understand is an error, so
that nothing is left out silently. In SDK headers, which are compiled into plugins and are no contract,
only what has a comment is part of the page.
SPDX-License-Identifier: Apache-2.0
"""
import difflib
import re
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADERS = ROOT / "include" / "lmbench"
PAGE = ROOT / "docs" / "engine_abi_reference.md"
EXTENSIONS = sorted(path.relative_to(HEADERS).as_posix() for path in HEADERS.glob("ext/*.hpp"))
SDK = ["plugin.hpp", "config_reader.hpp"]
INTRODUCTION = """\
# Engine ABI reference

Made from the comments in `include/lmbench/` by `scripts/abi_reference.py`: change the headers, not this page. How to begin is in
[write_an_engine.md](write_an_engine.md). Types are in namespace `lmbench`; integers without a given width do not occur.
"""


@dataclass
class Item:
    """A declaration, or with an empty `code` a comment that stands alone."""

    code: str
    comment: list[str]  # the lines above
    note: str = ""  # what stands behind it, on its line
    body: list[str] = field(default_factory=list)  # lines between the braces


def split_comment(line):
    """The code of a line, and its comment or None. A // in a string does not begin one."""
    found = re.match(r'((?:[^"/]|"[^"]*"|/(?!/))*)(?://(.*))?$', line)
    return found[1].strip(), found[2]


def is_skipped(code):
    return bool(re.match(r"(#(pragma|include|if|ifndef|ifdef|else|elif|endif)\b|namespace .*\{$|\}+$)", code))


def is_complete(code):
    closed = all(code.count(a) == code.count(b) for a, b in ("()", "{}"))
    if code.startswith("#"):
        return not code.endswith("\\")
    if re.match(r"(public|protected|private):$", code):
        return True
    return closed and code[-1] in ";},"


def read_items(lines):
    items, comment, code, body, note = [], [], [], [], ""
    for line in lines:
        text, remark = split_comment(line)
        if not code and not text:
            if remark is not None:
                comment.append(remark)
            elif comment:
                items.append(Item("", comment))
                comment = []
            continue
        if not code and is_skipped(text):
            if comment:
                items.append(Item("", comment))
            comment = []
            continue
        code.append(text)
        body.append(line)
        note = (remark or "").strip() if text else note
        joined = "\n".join(code).strip()
        if is_complete(joined):
            opening = next((i for i, inner in enumerate(body) if "{" in inner), 0)
            items.append(Item(joined, comment, note, body[opening + 1 : -1]))
            comment, code, body, note = [], [], [], ""
    if code:
        raise ValueError(f"a declaration does not end: {' '.join(code)}")
    return items


def markdown(text):
    """Text of a comment: what looks like a name of the code is set as code, the rest is escaped."""
    name = r"`[^`]*`|\*?\b(?:\w+(?:::|\.))*(?:k[A-Z]\w+|\w*_\w*|\w+::\w+|\w+(?=\(\)))(?:\(\))?"
    parts = re.split(f"({name})", re.sub(r"\s+", " ", text.strip()))
    escaped = [re.sub(r"([*<|])", r"\\\1", part) if i % 2 == 0 else f"`{part.strip('`')}`"
               for i, part in enumerate(parts)]
    return "".join(escaped)


def paragraphs(comment):
    """Lines of a comment as Markdown: indented "Name  text" lines become a list."""
    blocks = [[]]
    for line in comment:
        entry = re.match(r" {2,6}(\w+) {2,}(\S.*)", line)
        text = line.strip()
        if text.startswith("SPDX"):
            continue
        if entry:
            blocks.append([f"- **{entry[1]}**: {entry[2]}"])
        else:
            blocks[-1].append(text)
    texts = []
    for block in filter(None, blocks):
        text = re.sub(r"(?<=[^\]]) {2,}(?=\[)", "; ", "  ".join(block) if "**" in block[0] else " ".join(block))
        marker = re.match(r"- \*\*\w+\*\*: ", text)
        lead = marker[0] if marker else ""
        texts.append(textwrap.fill(lead + markdown(text[len(lead):]), 140, break_long_words=False,
                                   subsequent_indent="  " if lead else "", break_on_hyphens=False))
    return "\n".join(texts).replace("\n- ", "\n\n- ", 1) + "\n" if texts else ""


def sentence(item):
    return markdown(" ".join([line.strip() for line in item.comment] + [item.note]).strip())


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def enum_section(item):
    found = re.match(r"enum class (\w+) : ([\w:]+) \{(.*)\};$", item.code, re.S)
    if item.body:
        members = [(entry.code.rstrip(","), sentence(entry)) for entry in read_items(item.body)]
    else:
        members = [(entry.strip(), "") for entry in found[3].split(",")]
    rows = []
    for code, meaning in members:
        name, value = (part.strip() for part in code.split("="))
        rows.append((f"`{name}`", value, meaning))
    about = paragraphs(item.comment + ([item.note] if item.note else []))
    return f"### Enum `{found[1]}`\n\n{about}\nAs a `{found[2]}`:\n\n" + table(("name", "value", "meaning"), rows)


def field_row(item):
    code = re.sub(r"\s+", " ", item.code).rstrip(";")
    pointer = re.match(r"(.*?)\(\*(\w+)\)(\(.*)", code)
    if pointer:
        return f"`{pointer[2]}`", f"`{pointer[1]}(*){pointer[3]}`", sentence(item)
    if "," in code:
        raise ValueError(f"two fields in one declaration: {code}")
    kind, name = code.rsplit(" ", 1)
    return f"`{name}`", f"`{kind}`", sentence(item)


def struct_section(item, name):
    rows = [field_row(member) for member in read_items(item.body) if member.code]
    return f"### Struct `{name}`\n\n{paragraphs(item.comment)}\n" + table(("field", "type", "meaning"), rows)


def signature(code):
    """A declaration without its body, its initialisers and the words that all of them have."""
    code = re.sub(r"\s+", " ", code)
    code = re.sub(r"(\)( const)?( noexcept)?) (= 0;|: .*|\{.*)$", r"\1;", code)
    return re.sub(r"^(template <[^>]*> )?(virtual |inline |explicit )", r"\1", code)


def function_text(item):
    comment = item.comment + ([item.note] if item.note else [])
    return f"```cpp\n{signature(item.code)}\n```\n\n{paragraphs(comment)}"


def class_section(item, name, only_commented):
    parts = [f"### Class `{name}`\n\n{paragraphs(item.comment)}"]
    for member in read_items(item.body):
        if member.code == "private:":
            break
        if not member.code or member.code in ("public:", "protected:") or "~" in member.code:
            continue
        if not only_commented or member.comment:
            parts.append(function_text(member))
    return "\n".join(part for part in parts)


def constant_row(item):
    found = re.match(r"#define (\w+(?:\([^)]*\))?)(?:\s+(.*))?$", item.code, re.S)
    if not found:
        found = re.match(r"constexpr [\w:]+ (\w+) = (.*);$", item.code)
    value = "" if "\\" in (found[2] or "") else found[2] or ""
    return f"`{found[1]}`", f"`{value}`" if value else "", sentence(item)


def is_constant(item):
    return item.code.startswith(("#define ", "constexpr "))


def item_section(item, only_commented):
    if item.code.startswith("enum "):
        return enum_section(item)
    found = re.match(r"(?:template <[^>]*>\s+)?(struct|class) (\w+)", item.code)
    if found and found[1] == "struct":
        return struct_section(item, found[2])
    if found:
        return class_section(item, found[2], only_commented)
    if "(" in item.code:
        name = re.search(r"(\w+)\(", item.code)[1]
        return f"### Function `{name}`\n\n{function_text(item)}"
    raise ValueError(f"not understood: {item.code}")


def constants_section(items):
    """Consecutive constants in one table, under the comment of the first if it is about all."""
    about = paragraphs(items[0].comment) + "\n" if len(items) > 1 else ""
    if about:
        items[0].comment = []
    return about + table(("constant", "value", "meaning"), [constant_row(item) for item in items])


def header_section(name, only_commented):
    items = read_items((HEADERS / name).read_text().splitlines())
    parts = [f"## `lmbench/{name}`\n"]
    constants = []
    for item in items + [Item("", [])]:
        wanted = item.code and (item.comment or not only_commented)
        if wanted and is_constant(item) and (not constants or not item.comment):
            constants.append(item)
            continue
        if constants:
            parts.append(constants_section(constants))
            constants = []
        rule = re.match(r" ---- (\w.*?),? [-(]", " ".join(item.comment))
        if wanted and is_constant(item):
            constants.append(item)
        elif wanted and not item.code.startswith("static_assert"):
            parts.append(item_section(item, only_commented))
        elif not item.code and rule:
            parts.append(f"**{rule[1][0].upper() + rule[1][1:]}**\n")
        elif not item.code and item.comment:
            parts.append(paragraphs(item.comment))
    return "\n".join(parts)


def page():
    sections = [header_section("engine_abi.hpp", False)]
    sections += [header_section(name, False) for name in EXTENSIONS]
    sections += [header_section(name, True) for name in SDK]
    return re.sub(r"\n{3,}", "\n\n", "\n".join([INTRODUCTION] + sections))


def main():
    made = page()
    if sys.argv[1:] == ["--check"]:
        there = PAGE.read_text() if PAGE.exists() else ""
        if there == made:
            return 0
        difference = difflib.unified_diff(there.splitlines(), made.splitlines(), "the page", "the headers", "", "", 1, "")
        print("\n".join(difference))
        print(f"{PAGE} is not what the headers say; run scripts/abi_reference.py")
        return 1
    if sys.argv[1:]:
        print(__doc__)
        return 2
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
