"""Every advisory lock of the house in one place: two with one number would wait for each other."""

from enum import IntEnum, unique
from typing import Final


@unique
class Lock(IntEnum):
    """Numbers of our own, out of the way of whoever else uses the database."""

    MIGRATION = 7_306_241_985  # one migration at a time
    RECONCILER = 7_306_241_986  # one round of repair at a time
    GENERATION = 7_306_241_987  # shared by calls that leave, alone for a raise of the counters' generation
    BUDGET_WATCH = 7_306_241_988  # one look at the budgets at a time
    DISPATCHER = 7_306_241_989  # one process lets waiting jobs go


# Of the other kind, of two halves, which never meet those above: the second half is the batch. Whoever takes lines
# into a batch, or tells its jobs of its caller's wish, holds it, and takes it before any row.
OF_BATCH: Final = 7_306
# Of the same kind: the second half is a hash of the tenant. Whoever writes into a tenant's audit log holds it,
# and takes it before any row, and before a batch's; two tenants with one hash only wait for each other.
OF_AUDIT: Final = 7_307
