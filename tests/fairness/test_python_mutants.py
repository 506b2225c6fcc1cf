"""Are the mistakes of programs made, in their SQL too, and is each a program?"""

import ast

import pytest

from graders.fairness.python_mutants import python_mutants

SOURCE = '''def transfer(connection, payer, amounts):
    """Pay."""
    if not amounts or payer is None:
        raise ValueError("nothing to pay")
    try:
        for payee, cents in sorted(amounts):
            connection.execute("UPDATE accounts SET cents = cents + ? WHERE id = ? AND open", (cents, payee))
        connection.commit()
    except sqlite3.IntegrityError:
        connection.rollback()
        return False
    while payer < 3:
        payer += 1
    return all(cents > 0 for _, cents in amounts if cents)
'''


@pytest.fixture(scope="module")
def changes():
    return [mutant.change for mutant in python_mutants(SOURCE)]


@pytest.mark.parametrize(
    "piece",
    [
        "- connection.commit()",
        "+ connection.rollback()",
        "+ if True:",
        "+ if False:",
        "+ if not (not amounts or payer is None):",
        "+ if payer is None:",
        "+ if not amounts and payer is None:",
        "+ except Exception:",
        "+ except ZeroDivisionError:",
        "+ return True",
        "+ return None",
        "+ for payee, cents in list(sorted(amounts))[:1]:",
        "+ for payee, cents in list(sorted(amounts))[:10]:",
        "+ return any(cents > 0 for _, cents in amounts if cents)",
        "+ return all(cents >= 0 for _, cents in amounts if cents)",
        "+ return all(cents > 0 for _, cents in amounts)",
        "+ if payer < 3:",
        "+ payer = payer.strip()",
        "+ amounts = set(amounts[:])",
        "SET cents = cents - ? WHERE id = ? AND open",
        "SET cents = cents + ? WHERE id = ?'",
        "SET cents = cents + ?'",
    ],
)
def test_each_kind_of_mistake_is_made(changes, piece):
    """Is this mistake among those made?"""
    assert [change for change in changes if piece in f"{change}\n"]


def test_each_mutant_is_a_program_and_comes_once(changes):
    """Can every mutant be compiled, and is it another one than the rest?"""
    for mutant in python_mutants(SOURCE):
        ast.parse(mutant.text)
    assert len(changes) == len(set(changes)) > 60


def test_what_an_error_says_is_left_alone(changes):
    """Is no mutant made of words that only people read?"""
    assert not [change for change in changes if "nothing to pay" in change and "XX" in change]


def test_what_stands_in_the_answer_cell_is_left_alone():
    """Is nothing made of a function that is given whole, and all of what the student writes?"""
    given = "def half(number):\n    return number // 2\n"
    own = "def quarter(number):\n    return half(half(number))\n"
    source = f"import math\n\n\n{given}\n\n{own}"
    made = [mutant.change for mutant in python_mutants(source, given=f"{given}\n\ndef quarter(number):\n    ...\n")]
    assert made
    assert not [change for change in made if "//" in change]


@pytest.mark.parametrize(
    "line",
    [
        "connection.rollback()",
        'first = connection.execute("SELECT count(*) FROM t").fetchone()[0]',
        'raise RuntimeError("no such row")',
    ],
)
def test_what_means_the_same_is_not_made(line):
    """Is a transaction ended once, the only column left alone, an unused argument too, and a RuntimeError too?"""
    source = f"def run(connection, unused):\n    {line}\n    connection.execute('PRAGMA x')\n"
    made = [mutant.change for mutant in python_mutants(source)]
    assert not [change for change in made if "unused" in change or "[-1]" in change or "another" in change]
    assert f"+ {line}" not in made


@pytest.mark.parametrize(
    ("loop", "is_cut"),
    [
        ("for n in (1, 2, 3): print(n)", False),
        ("for n in [one, two]: print(n)", False),
        ("for n in range(1, 11): print(n)", False),
        ("for n in range(1, 12): print(n)", True),
        ("for n in range(count): print(n)", True),
        ("for n in numbers: print(n)", True),
    ],
)
def test_only_what_may_be_longer_is_cut_at_ten(loop, is_cut):
    """Is what is written out with ten things at most left as it is, which the cut would not change?"""
    assert any("[:10]" in mutant.text for mutant in python_mutants(loop)) == is_cut
