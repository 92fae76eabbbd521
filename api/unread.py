"""How much of what was written to a caller is still on our side of the line."""

import fcntl
import struct
import termios
from asyncio import Transport


def unread(transport: Transport) -> int:
    """Bytes in our buffer, and in the kernel's, which holds megabytes: a slow reader empties that one first.

    Source: Linux, tcp(7), `SIOCOUTQ`, which is `TIOCOUTQ`. A system that does not know it counts for nothing.
    """
    return transport.get_write_buffer_size() + _in_kernel(transport.get_extra_info("socket").fileno())


def _in_kernel(descriptor: int) -> int:
    try:
        found = fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(struct.calcsize("i")))
    except OSError:
        return 0
    count: int = struct.unpack("i", found)[0]
    return count
