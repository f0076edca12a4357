"""The slip of a transfer to public archives, and the archives' answer."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from transmission.actes.seda import (
    NAMESPACE,
    ArchiveReplyError,
    TransferHead,
    TransferUnit,
    read_reply,
    write_manifest,
)

HEAD = TransferHead(
    identifier="123456782-7",
    at=datetime(2027, 6, 1, 8, 0, tzinfo=UTC),
    comment="Actes reçus en préfecture jusqu'au 31/12/2023",
    agreement="ACTES-01",
    archival_agency="FRAD042",
    transferring_agency="123456782",
    originating_agency="123456782",
)
UNIT = TransferUnit(
    acte_id=12,
    id_acte="042-123456782-20230302-D2023_001-DE",
    title="Tarifs & « cantine » <2023>",
    document_type="Délibération",
    name="042-123456782-20230302-D2023_001-DE.asice",
    sha512="ab" * 64,
    size=4096,
    date_decision=date(2023, 3, 2),
    date_reception=date(2023, 3, 10),
)


def written(*units: TransferUnit, head: TransferHead = HEAD) -> Any:
    target = io.BytesIO()
    write_manifest(target, head, units)
    return etree.fromstring(target.getvalue())


def texts(root: Any, path: str) -> list[str | None]:
    steps = "/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/"))
    return [each.text for each in root.findall(f".//{steps}")]


def test_each_act_is_one_unit_that_leads_to_one_object() -> None:
    other = replace(UNIT, acte_id=13, name="autre.asice", date_reception=None)
    root = written(UNIT, other)
    groups = root.findall(f".//{{{NAMESPACE}}}DataObjectGroup")
    assert [each.get("id") for each in groups] == texts(
        root, "DataObjectReference/DataObjectGroupReferenceId"
    )
    assert texts(root, "Uri") == [f"content/{UNIT.name}", "content/autre.asice"]
    assert texts(root, "Size") == ["4096", "4096"]
    assert texts(root, "Content/Title") == [UNIT.title] * 2
    assert texts(root, "Content/ReceivedDate") == ["2023-03-10"]
    assert texts(root, "AppraisalRule/FinalAction") == ["Keep", "Keep"]


def test_the_message_names_both_ends_in_the_order_of_the_standard() -> None:
    root = written(UNIT)
    assert [etree.QName(each).localname for each in root] == [
        "Comment",
        "Date",
        "MessageIdentifier",
        "ArchivalAgreement",
        "CodeListVersions",
        "DataObjectPackage",
        "ArchivalAgency",
        "TransferringAgency",
    ]
    assert texts(root, "ArchivalAgency/Identifier") == ["FRAD042"]
    assert texts(root, "Date") == ["2027-06-01T08:00:00+00:00"]


def test_a_time_of_use_that_was_agreed_begins_with_the_decision() -> None:
    root = written(UNIT, head=replace(HEAD, appraisal_rule="APP-1"))
    (rule,) = root.findall(f".//{{{NAMESPACE}}}AppraisalRule")
    assert [each.text for each in rule] == ["APP-1", "2023-03-02", "Keep"]


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_any_title_is_read_back_as_it_was(title: str) -> None:
    assert texts(written(replace(UNIT, title=title)), "Content/Title") == [title]


def reply(identifier: str = HEAD.identifier, code: str = "OK", **changes: str) -> bytes:
    name = changes.get("name", "ArchiveTransferReply")
    space = changes.get("space", "fr:gouv:culture:archivesdefrance:seda:v2.2")
    return (
        f'<{name} xmlns="{space}"><Comment>Pris en charge</Comment>'
        f"<MessageIdentifier>R1</MessageIdentifier><ReplyCode>{code}</ReplyCode>"
        f"<MessageRequestIdentifier>{identifier}</MessageRequestIdentifier></{name}>"
    ).encode()


@pytest.mark.parametrize(
    ("code", "accepted"), [("OK", True), ("WARNING", True), ("KO", False), ("", False)]
)
def test_an_answer_accepts_by_its_code_alone(code: str, accepted: bool) -> None:
    answer = read_reply(reply(code=code), HEAD.identifier)
    assert (answer.code, answer.accepted, answer.comment) == (code, accepted, "Pris en charge")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"rien", "XML lisible"),
        (reply(name="ArchiveTransfer"), "ArchiveTransfer »"),
        (reply(space="urn:autre"), "pas une réponse"),
        (reply(identifier="123456782-8"), "123456782-8"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "XML lisible"),
    ],
)
def test_what_answers_something_else_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ArchiveReplyError, match=why):
        read_reply(content, HEAD.identifier)
