"""Types into a real interactive shell and presses Tab, as a person does.

usage: complete.py bash|zsh FILE LINE...

FILE is the completion script as installed (for zsh it must be named _mvpdash). For each LINE, where \\t
is Tab, prints what the shell then ran: "mvpdash" is a function that prints its arguments. Lines that
end in "?" are not run: what the shell lists is printed instead, one word or description a line.
"""

import os
import pty
import re
import select
import signal
import sys
import time

DEADLINE_S = 120

SETUP = {
    "bash": """bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'
bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set enable-bracketed-paste off'
. {file}
""",
    "zsh": """unsetopt beep; setopt no_list_beep; PROMPT='$ '; RPROMPT=; unsetopt prompt_sp prompt_cr
LISTMAX=0; fpath=({dir} $fpath); autoload -Uz compinit; compinit -D -u
[[ ${_comps[mvpdash]} == _mvpdash ]] || echo 'zsh does not know _mvpdash'
""",
}


class Shell:
    def __init__(self, name, file):
        argv = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[name]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = dict(os.environ, TERM="dumb", PS1="$ ", COLUMNS="200", INPUTRC="/dev/null", HISTFILE="/dev/null")
            env.pop("ENV", None)
            os.execvpe(argv[0], argv, env)
        self.name, self.seen = name, ""
        setup = SETUP[name].replace("{file}", file).replace("{dir}", os.path.dirname(file))
        self.send(setup + "mvpdash() { printf '<%s>' ran \"$@\"; echo; }; echo rea''dy\n")
        self.wait(r"\nready\r?\n")
        self.prompt()

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, pattern):
        """What came until `pattern`, which ends at what stays for the next call."""
        until = time.monotonic() + DEADLINE_S
        while True:
            found = re.search(pattern, self.seen)
            if found:
                before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
                return before
            left = until - time.monotonic()
            ready, _, _ = select.select([self.fd], [], [], max(left, 0))
            if not ready:
                sys.exit(f"complete.py: no {pattern!r} in {self.seen!r}")
            self.seen += os.read(self.fd, 65536).decode(errors="replace")

    def prompt(self):
        """What is typed before it is echoed by the terminal, and looks like the shell's answer."""
        self.wait(r"\$ ")

    def run(self, line):
        self.send(line + "\n")
        ran = self.wait(r"<ran>[^\r\n]*\r?\n")
        self.prompt()
        return re.findall(r"<ran>.*", ran)[-1].strip()[5:]

    def listed(self, line):
        """Tab, then a mark is typed: what was listed stands before it."""
        self.send(line + "\t" + "MARK")
        text = self.wait("MARK")
        self.send("\x15echo cle''ared\n")
        self.wait("\ncleared\r?\n")
        self.prompt()
        rows = text.replace("\r", "\n").split("\n")
        return [re.sub(r"  +", "  ", r.strip()) for r in rows[1:] if r.strip() and not r.startswith("$ ")]

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def main():
    shell = Shell(sys.argv[1], os.path.abspath(sys.argv[2]))
    for line in sys.argv[3:]:
        line = line.replace("\\t", "\t")
        if line.endswith("?"):
            print("\n".join(shell.listed(line[:-1])))
        else:
            print(shell.run(line))
    shell.close()


main()
