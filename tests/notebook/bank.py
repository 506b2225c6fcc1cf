"""A small bank: where its database may lie, its accounts, and what is in all of them."""

IN_MEMORY = ["sqlite://", "duckdb://"]
ON_DISK = ["sqlite:///bank.db", "duckdb:///bank.db"]
ACCOUNTS = "CREATE TABLE account(name text, amount int); INSERT INTO account VALUES ('Ann', 10), ('Bob', NULL)"


def total(notebook, session=""):
    return notebook.rows(f"%%sql {session}\nSELECT sum(amount) FROM account")[0][0]
