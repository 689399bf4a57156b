"""./armature: the table of subcommands, and the one place where failures become exit statuses."""

import ending

ending.signals_take()  # before all else, the imports too

import argparse
import os
import sys

import benching
import boot
import classify
import options
import packing
import profiling
import setup
import testing
from contracts import version
from messages import STATUS_BROKEN_PIPE, STATUS_USAGE, GuestError, UsageError, say

# name, help, function that adds its options, function that does it (returns the exit status)
SUBCOMMANDS = (
    ("setup", "install what is missing, build, fetch the stock guest", setup.add_options, setup.run),
    ("boot", "boot a guest under the VMM", options.add_boot_options, boot.run_virtual),
    (
        "native",
        "boot the same guest on the bare board: the yardstick",
        options.add_boot_options,
        boot.run_native,
    ),
    ("bench", "measure workloads natively and under the VMM", benching.add_options, benching.run),
    ("profile", "count where a guest's instructions go", profiling.add_options, profiling.run),
    ("pack", "write the bootable image alone", packing.add_options, packing.run),
    (
        "classify",
        "tell what class instructions are of, and what the translator makes of them",
        classify.add_options,
        classify.run,
    ),
    ("test", "run the tests", testing.add_options, testing.run),
)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"{message} (see {self.prog} --help)")


def parser_make():
    parser = Parser(
        prog="armature",
        allow_abbrev=False,
        description="Armature runs unmodified ARMv7-A guests on a Cortex-A8 by binary translation.",
    )
    parser.add_argument("--version", action="version", version=f"armature {version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, text, add_options, run in SUBCOMMANDS:
        command = commands.add_parser(
            name, help=text, description=text.capitalize() + ".", allow_abbrev=False
        )
        add_options(command)
        command.set_defaults(run=run)
    return parser


def run():
    """The subcommand's status, with all that it has printed written."""
    sys.stdout.reconfigure(errors="backslashreplace")  # names of files may be any bytes
    try:
        arguments = parser_make().parse_args()
        status = arguments.run(arguments)
    except SystemExit as end:  # --help
        status = end.code or 0
    sys.stdout.flush()
    return status


def main():
    try:
        return run()
    except (UsageError, GuestError) as error:
        say(str(error))
        status = error.status
    except BrokenPipeError:  # whoever read our output has gone
        status = STATUS_BROKEN_PIPE
    except OSError as error:  # a full disk, a folder that cannot be written ...
        say(
            f"{error.filename}: {error.strerror}"
            if error.filename
            else f"input or output failed: {error.strerror or error}"
        )
        status = STATUS_USAGE
    ending.descendants_end()
    return status


if __name__ == "__main__":
    code = main()
    ending.undo_all()
    try:
        sys.stdout.flush()
    except OSError:  # said already
        pass
    os._exit(code)  # a signal must not find an interpreter that is half gone
