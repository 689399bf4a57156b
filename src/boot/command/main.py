"""./armature: the table of subcommands, and the one place where failures become exit statuses."""

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
from messages import STATUS_USAGE, GuestError, UsageError, say

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
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for name, text, add_options, run in SUBCOMMANDS:
        command = commands.add_parser(
            name, help=text, description=text.capitalize() + ".", allow_abbrev=False
        )
        add_options(command)
        command.set_defaults(run=run)
    return parser


def main():
    try:
        arguments = parser_make().parse_args()
        return arguments.run(arguments)
    except (UsageError, GuestError) as error:
        say(str(error))
        return error.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; keep the interpreter's own flush at exit quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:  # a full disk, a folder that cannot be written ...
        say(str(error))
        return STATUS_USAGE


if __name__ == "__main__":
    sys.exit(main())
