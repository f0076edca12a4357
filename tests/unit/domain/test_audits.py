"""What a page tells: once, short, with its place in words."""

from transmission.domain.audits import Kind, Place, Report


def test_a_difference_is_told_once_by_a_page() -> None:
    report = Report()
    place = Place(table="acte", row=1)
    for _ in range(2):
        assert not report.same(Kind.DEPOT, place.of("objet"), "x" * 400, None)
    (told,) = report.page(1, None).differences
    assert (len(told.expected), told.found) == (301, "(rien)")


def test_a_place_is_said_from_the_authority_to_the_file() -> None:
    place = Place("123456782", "D2023_001", "acte", 1)
    assert str(place.of("objet")) == (
        "collectivité 123456782, acte D2023_001, ligne acte n° 1, colonne objet"
    )
    assert str(place.at("anchor", None).named("000001.json")) == (
        "collectivité 123456782, acte D2023_001, ligne anchor, fichier 000001.json"
    )


def test_what_is_equal_is_not_told() -> None:
    report = Report()
    assert report.same(Kind.DEPOT, Place(), 1, 1)
    assert report.page(1, 1).differences == ()


def test_each_kind_says_what_is_wrong_and_what_to_do() -> None:
    assert len({kind.code for kind in Kind}) == len(Kind)
    assert all(kind.label.endswith(".") and kind.remedy.endswith(".") for kind in Kind)
