"""A worker that lets no waiting job go, for tests with teeth; it is started and told as `python -m workers` is."""

import sys

from workers import __main__ as workers
from workers import lifecycle

if __name__ == "__main__":
    vars(lifecycle)["DISPATCHING"] = frozenset()
    sys.exit(workers.main(sys.argv[1:]))
