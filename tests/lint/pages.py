"""Looks at README.md and assets/*.md: every link within the repository leads to a file and a heading
that exist, pictures are there, and README.md has at most 300 lines.

usage: pages.py        (at the top of the repository)
"""

import glob
import os
import re
import sys

README_LINES = 300
PICTURES = "assets/screens"
LINK = re.compile(r"\[[^\]\[]*(?:\[[^\]]*\][^\]\[]*)?\]\(([^)\s]+)\)")
PICTURE = re.compile(r'\b(?:src|srcset)="([^"]+)"')


def slug(heading):
    """The anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def prose(path):
    """The lines outside of code, with their numbers."""
    fenced = False
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            yield number, line.rstrip("\n")


def anchors(path):
    seen, out = {}, set()
    for _, line in prose(path):
        head = re.match(r"#+ (.*)", line)
        if head:
            name = slug(head[1])
            again = seen.get(name, 0)
            seen[name] = again + 1
            out.add(name if again == 0 else f"{name}-{again}")
    return out


def main():
    faults = []
    pages = ["README.md"] + sorted(glob.glob("assets/*.md"))
    known = {page: anchors(page) for page in pages}
    links = 0

    def look(page, number, target):
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if path.startswith(PICTURES) and not os.path.isdir(PICTURES):
            return  # the pictures are made by another program; without any there is nothing to compare
        if not os.path.exists(path):
            faults.append(f"{page}:{number}: {target}: there is no file {path}")
        elif anchor and anchor not in known.get(path, ()):
            faults.append(f"{page}:{number}: {target}: {path} has no heading #{anchor}")

    for page in pages:
        for number, line in prose(page):
            code_less = re.sub(r"``[^`]*``|`[^`]*`", lambda m: "x" * len(m[0]), line)
            for found in LINK.finditer(code_less):
                target = line[found.start(1):found.end(1)]
                if not re.match(r"[a-z]+:", target):
                    links += 1
                    look(page, number, target)
            for target in PICTURE.findall(line):
                links += 1
                look(page, number, target)
    linked = {os.path.normpath(os.path.join(os.path.dirname(page), t.partition("#")[0]))
              for page in pages for _, line in prose(page) for t in LINK.findall(line)}
    faults += [f"{page}: no other page leads to it" for page in pages[1:] if page not in linked]
    length = sum(1 for _ in open("README.md", encoding="utf-8"))
    if length > README_LINES:
        faults.append(f"README.md has {length} lines, {README_LINES} at most: move text to assets/")
    if links < 20:
        faults.append(f"only {links} links were found: does {sys.argv[0]} still read them?")
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


sys.exit(main())
