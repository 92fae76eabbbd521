"""The drill's command: see `run.py`."""

import sys

from ops.drills.simulation.run import main

sys.exit(main())
