"""What every decision of a person must carry."""

import pytest

from transmission.domain.errors import RefusedError
from transmission.domain.transmission import Author
from transmission.services.decisions import require_reason


def test_a_reason_is_enough() -> None:
    require_reason(Author("opératrice", "vérifié par téléphone"))


@pytest.mark.parametrize("reason", [None, "", " ", "\t\n"])
def test_a_decision_without_a_reason_is_refused_with_what_to_do(reason: str | None) -> None:
    with pytest.raises(RefusedError) as refused:
        require_reason(Author("opératrice", reason))
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == ("motif", "motif_absent")
    assert problem.remedy == "Dites en une phrase pourquoi vous la prenez."
