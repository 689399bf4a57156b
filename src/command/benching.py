"""bench: workloads natively and under the VMM, and where the difference goes. The door to the package bench/.
"""

import sys

import paths

sys.path.append(paths.CHECKOUT)

from bench.run import add_options, run  # noqa: E402, F401  (on the path only now)
