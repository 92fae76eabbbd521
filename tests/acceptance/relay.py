"""A relay before the product, in the test's own event loop: it knows which connections are open, and resets some."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Self

_PIECE = 65_536
_ABORT = struct.pack("ii", 1, 0)  # struct linger of socket(7): on, zero seconds


class Relay:
    """Passes on what comes. `live`: connections now; `most`: at once, so far; `cuts`: how many it has reset.

    Args:
        cut_after_bytes: each connection is reset once it has brought that much of event streams.
    """

    def __init__(self, port: int, *, cut_after_bytes: int | None = None) -> None:
        self._port = port
        self._cut_after_bytes = cut_after_bytes
        self.url = ""
        self.live = self.most = self.cuts = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def emptied(self, within_s: float) -> None:
        """Return once no connection is open. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while self.live:
                await asyncio.sleep(0.01)

    async def reached(self, live: int, within_s: float) -> None:
        """Return once so many have been open at once. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while self.most < live:
                await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.live += 1
        self.most = max(self.most, self.live)
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._port)
            ways = [asyncio.create_task(self._forward(reader, forth)), asyncio.create_task(self._back(back, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            forth.close()
        finally:
            writer.close()
            self.live -= 1

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                writer.write(piece)
                await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        brought, streams = 0, False
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                streams = streams or b"text/event-stream" in piece
                left = _PIECE if self._cut_after_bytes is None or not streams else self._cut_after_bytes - brought
                writer.write(piece[:left])
                await writer.drain()
                brought += len(piece)
                if len(piece) >= left:
                    self.cuts += 1
                    _reset(writer)
                    return


def _reset(writer: asyncio.StreamWriter) -> None:
    """Give the connection up after what was written has left; the far end is told by a reset."""
    found: socket.socket = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    writer.transport.abort()
