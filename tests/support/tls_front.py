"""A process that takes TLS connections with a client certificate, and carries them in plain.

Arguments: its port, the plain port, then a folder with ``ca.pem``, ``server.pem``, ``server.key``.
"""

import asyncio
import ssl
import sys
from contextlib import suppress
from pathlib import Path


async def serve(port: int, plain: int, folder: Path) -> None:
    """Carry until stopped."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED

    async def both(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", plain)
        await asyncio.gather(_carry(reader, behind[1]), _carry(behind[0], writer))

    async with await asyncio.start_server(both, "127.0.0.1", port, ssl=context) as server:
        await server.serve_forever()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(65536):
            writer.write(block)
            await writer.drain()
    with suppress(OSError):
        writer.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
