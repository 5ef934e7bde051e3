"""What the words of a question are read as."""

from promptiq.exact.lexicon import english
from promptiq.exact.reading.cells import cells_called
from promptiq.exact.reading.headers import columns_called
from promptiq.exact.reading.question import read
from promptiq.exact.words import tokens
from tests.promptiq.exact.asking import table


def test_every_word_is_in_one_item() -> None:
    schema, _ = table("orders")
    question = read("how many furniture orders came in after March 2024?", schema, english())
    assert [word.text for word in question.words] == [
        word for item in question.items for word in item.text.split()
    ]
    assert question.items[0].text == "how many"


def test_slips_of_spelling_are_corrected_against_headers_cells_and_the_language() -> None:
    schema, _ = table("orders")
    question = read("averge quantty of Furnitre", schema, english())
    assert question.slips == (("averge", "average"), ("quantty", "quantity"), ("furnitre", "furniture"))


def test_a_header_is_found_by_a_part_by_another_word_and_by_what_is_short_for_it() -> None:
    schema, _ = table("orders")
    named = {
        said: columns_called(tokens(said), schema, english())[0].name
        for said in ("unit price", "town", "qty", "order id", "client")
    }
    assert named == {
        "unit price": "unit_price", "town": "city", "qty": "quantity", "order id": "order_id",
        "client": "customer",
    }  # fmt: skip
    assert columns_called(tokens("weather"), schema, english()) == ()


def test_a_cell_is_found_whole_in_parts_and_under_another_name() -> None:
    orders, _ = table("orders")
    (chair,) = cells_called(tokens("office chairs"), orders, english())
    assert (chair.column, chair.cells, chair.part) == ("product", ("Office chair",), False)
    (mills,) = cells_called(tokens("Hartley"), orders, english())
    assert (mills.cells, mills.part) == (("Hartley Mills",), True)
    invoices, _ = table("invoices")
    assert cells_called(tokens("Germany"), invoices, english())[0].cells == ("DE",)
