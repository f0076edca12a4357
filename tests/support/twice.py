"""The command ``transmission`` in a process that puts every message twice in the broker."""

from typing import Any

from kombu.transport.redis import Channel

from transmission.cli.main import main

if __name__ == "__main__":
    put = Channel._put

    def twice(channel: Channel, queue: str, message: Any, **options: Any) -> None:
        """What a redelivery does, for every message."""
        put(channel, queue, message, **options)
        put(channel, queue, message, **options)

    Channel._put = twice  # type: ignore[method-assign,assignment]
    main()
