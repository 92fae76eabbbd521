"""As whom a database server runs: PostgreSQL refuses root, and we change nothing on the machine to please it.

Not root: as the user. Root: in a user namespace of its own, in which root is called `nobody`; its files stay root's.
Where the kernel or the container forbids that: as `nobody` itself, if `nobody` can reach the program and the data.
Facts and trials: PostgreSQL's initdb also wants a passwd entry for its uid, which 65534 has nearly everywhere.
"""

import ctypes
import os
import pwd
import stat
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workers.errors import CannotStart

CLONE_NEWUSER: Final = 0x10000000  # linux/sched.h
OVERFLOW_ID: Final = 65534  # the kernel's own "nobody", see user_namespaces(7)
REMEDY: Final = "Set DATABASE_URL to a PostgreSQL of your own, or run this as an ordinary user."

_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: nothing may be loaded between fork and exec


def stay() -> None:
    """Run as whoever starts it."""


def enter_namespace() -> None:
    """Become `nobody` in a new user namespace. Call between fork and exec, where there is one thread.

    Raises:
        OSError: this system does not let us.
    """
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # The order is the kernel's: a group map may be written only once setgroups is denied.
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{OVERFLOW_ID} {outer_uid} 1"),
        ("gid_map", f"{OVERFLOW_ID} {outer_gid} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(content)


@dataclass(frozen=True)
class Identity:
    """`user` and `group` are None where they stay; `enter` runs in the child just before exec."""

    user: int | None = None
    group: int | None = None
    enter: Callable[[], None] = stay

    def give(self, folder: Path) -> None:
        """Make an existing folder this identity's own, and let it be reached."""
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)
            folder.parent.chmod(stat.S_IMODE(folder.parent.stat().st_mode) | stat.S_IXOTH)


OURSELVES: Final = Identity()
NAMESPACE: Final = Identity(enter=enter_namespace)


def ways_for_root() -> list[Identity]:
    """As whom root may run what refuses root, best first."""
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return [NAMESPACE]
    return [NAMESPACE, Identity(nobody.pw_uid, nobody.pw_gid)]


def choose(program: Path, data: Path, *, ways: Sequence[Identity]) -> Identity:
    """Ourselves, unless we are root: then the first way by which `program` runs and can write the folder `data`.

    Data that belong to somebody already are served as that somebody: PostgreSQL insists.

    Raises:
        CannotStart: there is none.
    """
    if os.geteuid() != 0:
        return OURSELVES
    owner = data.stat()
    if owner.st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid)
    for identity in ways:
        if _works(identity, program, data):
            return identity
    raise CannotStart(f"PostgreSQL does not run as root, and there is no way around it on this machine. {REMEDY}")


def _works(identity: Identity, program: Path, data: Path) -> bool:
    """Try it: each way can be closed by a kernel setting, a seccomp filter or a closed home folder."""
    mode, owner = stat.S_IMODE(data.parent.stat().st_mode), data.stat()
    try:
        identity.give(data)
        trial = subprocess.run(  # noqa: S603 - the program is one that we looked for ourselves
            ["/bin/sh", "-c", '"$0" --version >/dev/null && test -w "$1"', program, data],
            cwd="/",
            user=identity.user,
            group=identity.group,
            extra_groups=None if identity.user is None else [],
            preexec_fn=identity.enter,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        works = False
    else:
        works = trial.returncode == 0
    if not works:
        os.chown(data, owner.st_uid, owner.st_gid)
        data.parent.chmod(mode)
    return works
