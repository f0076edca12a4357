"""Whatever bytes come, a reader gives a message or refuses it in French; nothing else comes out.

A long run, of 200,000 cases instead of a few hundred:

    pytest tests/unit/actes/test_messages_fuzz.py --hypothesis-profile=long
"""

import random
from collections.abc import Callable
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.spoiling import spoilt
from transmission.actes.arrival import read_arrival
from transmission.actes.budget import Scellement, verify_scellement
from transmission.actes.forms import UnreadableRetourError
from transmission.actes.messages import build_message, read_acte, read_message
from transmission.actes.retours import read_retour
from transmission.actes.safe_xml import UnreadableXmlError
from transmission.actes.schema import InvalidMessageError
from transmission.domain.messages import MESSAGES, kind_of

Message = Callable[[str], bytes]
OnDisk = Callable[[dict[str, bytes]], dict[str, Path]]

CODES = [kind.code or kind.root for kind in MESSAGES]
AUTHORITY = ("042", "123456782")


@given(code=st.sampled_from(CODES), seed=st.integers(0, 2**32))
def test_no_spoilt_message_raises_anything_else(code: str, seed: int, message: Message) -> None:
    raw = spoilt(message(code), random.Random(seed))
    before = bytes(raw)
    try:
        read = read_message(raw, emetteur=AUTHORITY)
    except UnreadableRetourError:
        return
    assert raw == before
    assert all(note.strip() for note in read.notes)
    try:
        rebuilt = build_message(read.message)
    except InvalidMessageError:
        return
    assert kind_of(read_message(rebuilt, emetteur=AUTHORITY).message) is kind_of(read.message)


@given(code=st.sampled_from(CODES), seed=st.integers(0, 2**32))
def test_no_spoilt_retour_or_act_raises_anything_else(
    code: str, seed: int, message: Message
) -> None:
    raw = spoilt(message(code), random.Random(seed))
    for read in (read_retour, lambda raw: read_acte(raw, departement="042", siren="123456782")):
        try:
            assert read(raw)
        except UnreadableRetourError:
            continue


@given(seed=st.integers(0, 2**32))
def test_no_spoilt_arrival_raises_anything_else(
    seed: int, message: Message, on_disk: OnDisk
) -> None:
    chance = random.Random(seed)
    files = {f"{code}.xml": message(code) for code in chance.choices(CODES, k=3)}
    files["042-123456782-20240215-2024_07B-DE-1-2_5.xml"] = message("1-2")
    files["enveloppe.xml"] = message("EnveloppeMISILLCL")
    for name in chance.choices(list(files), k=2):
        files[name] = spoilt(files[name], chance)
    try:
        arrival = read_arrival(on_disk(files))
    except UnreadableRetourError:
        return
    assert all((found.read is None) is bool(found.problem) for found in arrival.messages)
    assert {name for found in arrival.messages for name in found.documents} <= files.keys()


@given(raw=st.binary(max_size=200))
@example(raw=b"")
def test_no_bytes_raise_anything_else(raw: bytes, on_disk: OnDisk) -> None:
    for read in (read_message, read_retour, lambda raw: read_arrival(on_disk({"a": raw}))):
        try:
            assert read(raw)
        except UnreadableRetourError:
            continue


@given(seed=st.integers(0, 2**32))
def test_no_spoilt_budget_raises_anything_else(seed: int) -> None:
    document = (
        b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<DocumentBudgetaire '
        b'xmlns="http://www.minefi.gouv.fr/cp/demat/docbudgetaire"><Scellement md5="0" sha1="0"/>'
        b'<Budget xmlns:b="urn:x" b:V="\xe9"/></DocumentBudgetaire>'
    )
    try:
        assert isinstance(verify_scellement(spoilt(document, random.Random(seed))), Scellement)
    except UnreadableXmlError:
        return
