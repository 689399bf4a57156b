"""bench: workloads natively and under the VMM, and where the difference goes. The parts are in bench/."""

import sys

import paths

sys.path.append(paths.BENCH)

from bench_run import add_options, run  # noqa: E402, F401  (on the path only now)
