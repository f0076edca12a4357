"""What the legal clock says of an act, for programs: the whole contract of a date (§15.4)."""

import json
from collections.abc import Mapping

from transmission.console.whatif import changes
from transmission.domain.legal.reading import Reading
from transmission.domain.legal.told import dates_told, reading_told, states_told


def reading_json(about: Mapping[str, str], reading: Reading, before: Reading | None = None) -> str:
    """A reading as a JSON document, indented, that ends with a newline.

    ``about`` names the act. With ``before``, the reading supposes events: that without them and
    what differs are given too. Days are ISO civil dates, null when unknown.
    """
    document = {"acte": dict(about), **reading_told(reading)}
    if before is not None:
        document |= {
            "before": {"states": states_told(before), "dates": dates_told(before.dates)},
            "changes": [
                {"label": one.label, "before": one.before, "after": one.after, "gap": one.gap}
                for one in changes(before, reading)
            ],
        }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
