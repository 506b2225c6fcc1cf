"""Does a sandbox that begins anew still have everything that was defined in it?"""

from graders.sandbox import Sandbox


def test_a_fresh_process_has_all_that_was_defined():
    with Sandbox() as sandbox:
        double = sandbox.define("def double(n):\n    return 2 * n\n", "double")
        sandbox.define("def _through(n):\n    return double(n) + 1\n", "_through")
        sandbox.restart()
        assert sandbox.begin("_through", (4,)).value() == 9
        assert double(5) == 10


def test_the_newest_text_of_a_name_counts():
    with Sandbox() as sandbox:
        sandbox.define("answer = 1", "answer")
        answer = sandbox.define("def answer():\n    return 2\n", "answer")
        sandbox.restart()
        assert answer() == 2
