"""The readers of `stream_readers` over WebSockets, by the `websockets` client, which is not ours."""

import asyncio
import json
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from ops.drills.stream_readers import CONNECT_S, Readers, Told, reset
from orchestrator.work.events import is_end

_ENDED: Final = 1000
_GO_ON: Final = (1001, 1006, 1012)  # 1006: the link broke, and nobody said why


class SocketReaders(Readers):
    """The same crowd, with a WebSocket each."""

    async def _read(self, told: Told) -> None:
        try:
            link = await self._opened(told)
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            told.refused += status == 503
            told.odd += [] if status == 503 else [f"status {status}"]
            return
        except InvalidHandshake as error:
            raise EOFError from error  # cut off before the answer was whole
        told.connections += 1
        try:
            await _take(told, link)
        finally:
            reset(link.transport)

    async def _opened(self, told: Told) -> ClientConnection:
        host, port = self.place
        async with asyncio.timeout(CONNECT_S):
            return await connect(
                f"ws://{host}:{port}/v1/jobs/{told.job}/events",
                additional_headers={"Authorization": f"Bearer {self.key}", "Last-Event-ID": str(told.seen)},
                proxy=None,
                compression=None,
                open_timeout=None,
            )


async def _take(told: Told, link: ClientConnection) -> None:
    try:
        async for message in link:
            event = json.loads(message)
            told.versions.append(event["version"])
            told.types.append(event["type"])
    except ConnectionClosed:
        pass
    if link.close_code == _ENDED:
        told.ended = bool(told.types) and is_end(told.types[-1])
    elif link.close_code not in _GO_ON:
        told.odd.append(f"code {link.close_code}")
