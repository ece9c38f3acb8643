#!/usr/bin/env python3
"""Every text of the program that a person can meet, one a line: file:line, a tab, the text.

  texts.py [--all] [FILE...]   lists these files, or all of src, ui and include (`make words`)

A text is a C string literal with the literals beside it joined, and a macro between them (PRIu64) as
{PRIu64}. Texts of one word are left out, and SQL, JSON and patterns: no person reads them; --all
prints every literal.
"""
import pathlib
import re
import sys

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'                     # comments
    r'|\'(?:[^\'\\\n]|\\.)*\''                # characters
    r'|(?P<text>"(?:[^"\\\n]|\\.)*")'
    r'|(?P<line>^[ \t]*\#[ \t]*(?:include|error|pragma)[^\n]*)'
    r'|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<space>\s+)|.',
    re.S | re.M)
ESCAPES = re.compile(r'\\(x[0-9a-fA-F]+|[0-7]{1,3}|.)', re.S)
MACHINE = re.compile(
    r'^\s*(SELECT|INSERT|UPDATE|DELETE FROM|CREATE (TABLE|INDEX|UNIQUE|TEMP)|PRAGMA|ALTER TABLE|BEGIN|WITH |'
    r'DROP |REPLACE INTO|attribute_|SET #|#[a-z]+ [=<>])|^\s*[\[{,]?\s*"|"\s*:\s*["{\[%0-9]|^[^A-Za-z]*$')


def spoken(text):
    """Two words of letters or more, and not a thing that only a machine reads."""
    if MACHINE.search(text):
        return False
    plain = re.sub(r'%[-+ #0]*[\d.*]*(?:hh|h|ll|l|j|z|t|L)?[a-zA-Z]|\{PRI\w+\}|\\.', ' % ', text)
    return re.search(r'[A-Za-z]{2,}', plain) is not None and re.search(r'\S\s+\S', text.strip()) is not None


def texts(source):
    """Yields line and text of every run of literals in a C source."""
    parts, names, line, start = [], [], 1, 0
    for token in TOKEN.finditer(source):
        if token['text'] is not None:
            if not parts:
                start = line
            parts += names + [token['text'][1:-1]]
            names = []
        elif parts and token['name'] and token['name'].isupper() | token['name'].startswith('PRI'):
            names.append('{' + token['name'] + '}')
        elif token['space'] is None and not token[0].startswith(('//', '/*')):
            if parts:
                yield start, ''.join(parts)
            parts, names = [], []
        line += token[0].count('\n')


def main(args):
    everything = '--all' in args
    files = [pathlib.Path(a) for a in args if a != '--all']
    top = pathlib.Path(__file__).resolve().parents[2]
    if not files:
        files = sorted(p for area in ('src', 'ui', 'include') for p in (top / area).rglob('*.[ch]'))
    for file in files:
        name = file.resolve().relative_to(top) if file.resolve().is_relative_to(top) else file
        for line, text in texts(file.read_text(encoding='utf-8')):
            text = text.replace('\\"', '"')
            if everything or spoken(text):
                print(f'{name}:{line}\t{text}')


main(sys.argv[1:])
