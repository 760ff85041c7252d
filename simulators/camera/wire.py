"""Sending and breaking: what HTTP and RTSP have in common at the level of one TCP connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct

from .state import Troubles

DRIP_STEP_S = 0.05


async def send(writer: asyncio.StreamWriter, data: bytes, troubles: Troubles) -> None:
    """Sends an answer, late or in drips where that lever is pulled."""
    if troubles.slow_s:
        await asyncio.sleep(troubles.slow_s)
    while troubles.drip_bytes_s and data:
        step = max(1, int(troubles.drip_bytes_s * DRIP_STEP_S))
        writer.write(data[:step])
        data = data[step:]
        await writer.drain()
        await asyncio.sleep(step / troubles.drip_bytes_s)
    if data:
        writer.write(data)
        await writer.drain()


async def swallow(reader: asyncio.StreamReader) -> None:
    """Falls silent: takes whatever comes until the client gives up."""
    while await reader.read(65536):
        pass


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with a TCP RST instead of a FIN: SO_LINGER with 0 s (socket(7))."""
    sock = writer.get_extra_info("socket")         # under TLS too, the socket below it
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def streams(connection: socket.socket, limit_bytes: int, tls: ssl.SSLContext | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Reader and writer of an accepted connection."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit_bytes, loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
