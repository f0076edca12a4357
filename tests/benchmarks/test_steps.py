import pytest

from benchmarks.steps import origin


@pytest.mark.parametrize(
    ("file", "name", "place"),
    [
        ("/x/lib/python3.11/site-packages/sqlalchemy/engine/base.py", "execute", "sqlalchemy"),
        ("/x/lib/python3.11/site-packages/typing_extensions.py", "f", "typing_extensions"),
        ("/x/transmission/store/rows.py", "load_acte", "transmission.store"),
        ("/x/transmission/clock.py", "now", "transmission.clock"),
        ("/x/lib/python3.11/tarfile.py", "nti", "Python: tarfile"),
        ("~", "<built-in method posix.fsync>", "Python: built-in method posix.fsync"),
    ],
)
def test_a_function_is_told_by_what_it_belongs_to(file: str, name: str, place: str) -> None:
    assert origin(file, name) == place
