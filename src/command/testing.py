"""test: runs what matches, two at a time, a line each."""

import concurrent.futures
import fnmatch
import sys
import time
import traceback

import ending
from messages import UsageError
from setup import setup_ensure


def add_options(parser):
    parser.add_argument(
        "pattern",
        nargs="?",
        default="*",
        metavar="PATTERN",
        help="tests whose name contains it, or matches it with * and ? (such as guest/* or linux)",
    )
    parser.add_argument("--long", action="store_true", help="the long campaigns too (they can also be named)")
    parser.add_argument(
        "--exhaustive",
        action="store_true",
        help="also the decoder against another over all words: hours, and it goes on where it was stopped",
    )
    parser.add_argument("--list", action="store_true", help="names only")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="tests at a time (%(default)s)")


def run(arguments):
    setup_ensure()
    import test_cases  # it loads the tests' own files

    cases = [c for c in test_cases.cases_all() if selected(c, arguments)]
    if not cases:
        raise UsageError(f"no test is called like '{arguments.pattern}'")
    if arguments.list:
        print("\n".join(case.name for case in cases))
        return 0
    failed = 0
    pool = concurrent.futures.ThreadPoolExecutor(max(1, arguments.jobs))
    try:
        for future in concurrent.futures.as_completed([pool.submit(run_case, case) for case in cases]):
            failed += not future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


def selected(case, arguments):
    pattern = arguments.pattern
    if case.long and not arguments.long and pattern != case.name:
        return False
    if case.exhaustive and not arguments.exhaustive and pattern != case.name:
        return False
    return fnmatch.fnmatch(case.name, pattern) if set("*?[") & set(pattern) else pattern in case.name


def run_case(case):
    start = time.monotonic()
    problem = None
    try:
        case.run()
    except Exception as error:  # whatever it is, the test has failed and the others go on
        known = type(error).__name__ == "TestFailure"
        problem = str(error) if known else traceback.format_exc()
    if ending.began.is_set():  # its children were ended
        return False
    line = f"{'FAIL' if problem else 'PASS'} {case.name} ({time.monotonic() - start:.1f} s)\n"
    if problem:
        line += "".join(f"    {text}\n" for text in problem.splitlines())
    sys.stdout.write(line)  # in one piece: there are several threads
    sys.stdout.flush()
    return problem is None
