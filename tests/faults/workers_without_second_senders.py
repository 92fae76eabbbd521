"""A sender whose deliveries nobody takes over when it dies, for tests with teeth; told as `python -m workers` is."""

import sys

from orchestrator.storage import deliveries
from workers import __main__ as workers

if __name__ == "__main__":
    vars(deliveries)["LEASE_S"] = 86_400.0
    sys.exit(workers.main(sys.argv[1:]))
