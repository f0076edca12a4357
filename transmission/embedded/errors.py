"""What the embedded engines say when they cannot serve."""


class EngineUnavailableError(Exception):
    """PostgreSQL or Valkey cannot be run here; the message is French and says what to do next."""
