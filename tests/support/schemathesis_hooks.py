"""What schemathesis cannot know of the API by itself; it reads this file."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_a_file(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A piece of a file, as it is."""
    return value if isinstance(value, bytes) else str(value).encode()
