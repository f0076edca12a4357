"""The byte layouts, literally."""

from transmission.mocktdt import answers


def test_an_identifier_is_followed_by_two_line_feeds():
    assert answers.ok_with_ids("4711").body == b"OK\n4711\n\n"


def test_a_submission_gives_the_count_then_one_identifier_a_line():
    assert answers.ok_with_ids("2", "4711", "4712").body == b"OK\n2\n4711\n4712\n\n"


def test_a_ko_block_is_escaped_latin_1_and_ends_with_a_line_feed():
    assert answers.ko("l'été <br/> à 3 €").body == (b"KO\nl&#039;\xe9t\xe9 &lt;br/&gt; \xe0 3 ?\n")


def test_an_echoed_ko_is_plain_without_final_line_feed():
    assert answers.ko_echo("l'été", latin=False).body == "KO\nl'été".encode()
    assert answers.ko_echo("l'été", latin=True).body == b"KO\nl'\xe9t\xe9"


def test_json_is_ascii_compact_with_escaped_slashes():
    body = answers.json_answer({"type": "text/xml", "label": "Annulé"}).body
    assert body == b'{"type":"text\\/xml","label":"Annul\\u00e9"}'


def test_leaves_become_strings_and_nulls_become_empty():
    value = {"a": 1, "b": [{"c": None, "d": "x"}]}
    assert answers.leaves_as_strings(value) == {"a": "1", "b": [{"c": "", "d": "x"}]}
