"""The mock's own templates: with a codec shared, a misreading would agree with itself."""

from functools import cache
from importlib import resources
from string import Template


def fill(name: str, **values: str) -> str:
    """The template `name` with its places filled. Values must already be escaped.

    No line end closes it: the platform glues its own text to what the ministry sends.
    """
    return _template(name).substitute(values).rstrip("\n")


@cache
def _template(name: str) -> Template:
    return Template((resources.files(__package__) / "templates" / name).read_text("utf-8"))
