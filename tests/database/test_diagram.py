from database import diagram


def test_the_data_model_page_is_what_the_tables_say() -> None:
    assert diagram.PATH.read_text() == diagram.document(), "run `make docs`"


def test_every_table_says_what_a_row_is() -> None:
    from database.tables import metadata

    assert [table.fullname for table in metadata.sorted_tables if not table.comment] == []
