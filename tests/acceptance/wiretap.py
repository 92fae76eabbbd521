"""A wire between the product and its providers that keeps what is sent over it: a witness that is no part of either."""

import json
import socket
import threading
from contextlib import suppress
from typing import Final

_PIECE: Final = 65_536
_LOOK_EVERY_S: Final = 0.2


class Wiretap:
    """Passes on what comes to a port of its own, and keeps what callers send."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(_LOOK_EVERY_S)
        self._sent: list[bytearray] = []
        self._closed = threading.Event()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def heard(self) -> str:
        """All that was sent so far, as it went and with the escapes of JSON read."""
        raw = b"\n".join(bytes(one) for one in [*self._sent]).decode("utf-8", "replace")
        return f"{raw}\n{_read(raw)}"

    def forget(self) -> None:
        for one in [*self._sent]:
            one.clear()

    def close(self) -> None:
        self._closed.set()
        self._listening.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            with suppress(TimeoutError, OSError):
                caller, _ = self._listening.accept()
                callee = socket.create_connection(("127.0.0.1", self._port))
                kept = bytearray()
                self._sent.append(kept)
                threading.Thread(target=_pass_on, args=(caller, callee, kept), daemon=True).start()
                threading.Thread(target=_pass_on, args=(callee, caller, None), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
    with suppress(OSError):
        source.settimeout(None)
        while piece := source.recv(_PIECE):
            if kept is not None:
                kept += piece
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _read(raw: str) -> str:
    """The strings of all bodies, twice unescaped: a question to a judge is JSON in JSON."""
    bodies = [json.loads(line) for line in _objects(raw)]
    once = json.dumps(bodies, ensure_ascii=False)
    return f"{once}\n{once.encode().decode('unicode_escape', 'replace')}"


def _objects(raw: str) -> list[str]:
    decoder, found, place = json.JSONDecoder(), list[str](), raw.find("{")
    while place >= 0:
        try:
            _, end = decoder.raw_decode(raw, place)
        except json.JSONDecodeError:
            end = place + 1
        else:
            found.append(raw[place:end])
        place = raw.find("{", end)
    return found
