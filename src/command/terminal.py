"""The user's terminal: raw while a guest's console is on it, so that Ctrl-C and the like are the guest's."""

import sys
import termios
import tty

import ending

ESCAPE = 1  # Ctrl-A
HELP = "Ctrl-A x ends the guest, Ctrl-A Ctrl-A sends Ctrl-A"


class Terminal:
    """raw() .. restore() around a run. Keys go to raw()'s `send`; the escape key's commands are ours."""

    def __init__(self, quit_run, say):
        self.quit_run, self.say = quit_run, say
        self.send = None
        self.saved = None
        self.escaped = False

    def raw(self, send):
        """Raw only if both ends are a terminal: piped input is passed on as it is."""
        self.send = send
        if sys.stdin.isatty() and sys.stdout.isatty():
            self.saved = termios.tcgetattr(sys.stdin)
            ending.undo.append(self.restore)
            tty.setraw(sys.stdin, termios.TCSADRAIN)

    def restore(self):
        if not self.saved:
            return
        try:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self.saved)
        except termios.error:  # it has been hung up
            pass
        self.saved = None

    def line_end(self):
        """A raw terminal does not return the carriage."""
        return "\r\n" if self.saved else "\n"

    def keys(self, data):
        if not self.saved:
            self.send(data)
            return
        out = bytearray()
        for key in data:
            if self.escaped:
                self.escaped = False
                if key in b"xX":
                    self.quit_run()
                    return
                if key == ESCAPE:
                    out.append(ESCAPE)
                else:
                    self.say(HELP)
            elif key == ESCAPE:
                self.escaped = True
            else:
                out.append(key)
        self.send(bytes(out))
