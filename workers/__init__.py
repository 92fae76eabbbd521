"""The machines: which processes run, how many hands each has, which queues each listens to."""
