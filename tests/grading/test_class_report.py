"""Are the figures of a class exact, and does the page show them without trusting what students wrote?"""

import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from golden import BROKEN, FULL, LESSON, STUDENTS
from made_class import (
    CATALOGUE,
    CLASS,
    FIRST,
    HINT,
    MORE,
    NASTY,
    NO_ROW,
    TWO_LESSONS,
    find_grader,
    handed_in,
    report,
)

from graders.course.misconceptions import misconception_behind
from graders.figures.bar_charts import PATTERNS, draw_histogram, draw_shares
from graders.grading.class_misconceptions import count_hints, group_by_misconception
from graders.grading.class_report import Bar, class_page, describe_duration, make_bars
from graders.grading.class_statistics import STATUSES, discrimination, summarize_class
from graders.grading.lesson_grader import LessonGraders


@pytest.fixture
def made():
    return summarize_class(CLASS, find_grader, CATALOGUE)


@pytest.fixture
def two_lessons():
    return summarize_class(TWO_LESSONS, find_grader, CATALOGUE)


def test_the_whole_class_is_counted(made):
    """Are students counted once, submissions all, and the unreadable told with their reasons?"""
    assert (made.students, made.submissions) == (6, 7)
    assert [lesson.id for lesson in made.lessons] == ["07-made"]
    assert made.unreadable == (
        (NASTY, "07-made", "not a notebook: <i>"),
        ("ann", "99-none", "there is no lesson 99-none"),
    )


def test_marks_leave_out_what_broke_and_what_a_person_reads(made):
    """Are the scores those of the table of grades?"""
    (lesson,) = made.lessons
    assert (lesson.points, [one.name for one in lesson.by_hand], lesson.unread) == (3, ["made-3"], 1)
    assert lesson.scores == (0, 1, 1, 1, 3)
    assert (lesson.mean, lesson.median) == (1.2, 1)


def test_statuses_are_counted(made):
    """Is every submission read counted once for each exercise?"""
    first, second = made.lessons[0].exercises
    assert list(first.counts.values()) == [2, 0, 2, 1, 0]
    assert list(second.counts.values()) == [1, 1, 1, 1, 1]
    assert (first.answers, second.answers) == (5, 5)
    assert (first.unhinted, second.unhinted) == (1, 0)


def test_an_answer_without_a_report_needs_review():
    """Is an exercise that was never judged put before a person rather than left out?"""
    figures = summarize_class([handed_in("ann", report("made-1", "+"))], find_grader, CATALOGUE)
    assert figures.lessons[0].exercises[1].counts["needs review"] == 1


def test_hints_are_ranked_by_students(made):
    """Does a student count once for a hint met twice, and not among the attempts with a blank?"""
    found = [(one.lesson, one.exercise.name, one.hint, one.students, one.attempts) for one in made.lessons[0].hints]
    assert found == [
        ("07-made", "made-2", HINT, ("bob", "cem"), 4),
        ("07-made", "made-1", "Other hint", ("eve",), 4),
    ]
    assert (made.misconceptions, made.lessons[0].misconceptions) == ((), 0)


def test_misconceptions_are_counted_over_all_hints_that_show_them(two_lessons):
    """Does each student count once for each, most students first, and does a hint that shows none stay a hint?"""
    found = [
        (one.misconception.id, one.students, [(hint.exercise.name, hint.students) for hint in one.hints])
        for one in two_lessons.misconceptions
    ]
    assert found == [
        ("one-is-enough", 2, [("more-2", ("bob", "cem")), ("more-1", ("bob",))]),
        ("order", 1, [("more-1", ("cem",))]),
    ]
    made, more = two_lessons.lessons
    assert (made.misconceptions, more.misconceptions) == (0, 2)
    assert len(made.hints) == 2
    assert [(one.hint, one.students) for one in more.hints] == [(NO_ROW, ("dee",))]


def test_a_misconception_is_counted_over_lessons():
    """Is what two lessons show one misconception, with a line for each exercise?"""
    catalogue = {"order": CATALOGUE["order"]}
    hints = count_hints([handed_in("ann", report("made-1", "-", FIRST))], find_grader("07-made"))
    hints = [replace(hint, misconception="order") for hint in hints]
    hints += count_hints([handed_in("ann", report("more-1", "-", FIRST), lesson=MORE)], find_grader(MORE))
    hints.append(replace(hints[-1], hint="Which comes last?"))
    (one,) = group_by_misconception(hints, catalogue)
    assert [[hint.exercise.name for hint in group] for group in one.by_exercise] == [["made-1"], ["more-1", "more-1"]]
    assert (one.students, [hint.lesson for hint in one.hints]) == (1, ["07-made", MORE, MORE])


def test_an_option_shows_its_misconception_by_its_reason():
    """Is the hint of a choice, which says why its option is wrong, traced to what the option shows?"""
    options = {"a": {"because": "it counts rows", "misconception": "order"}, "b": {"because": "right", "right": True}}
    task = SimpleNamespace(wrong=[], body={"options": options})
    hints = ("it counts rows", "You left out a: it counts rows", "right", "another")
    assert [misconception_behind(task, hint) for hint in hints] == ["order", "order", "", ""]


def test_what_is_further_is_a_bonus(two_lessons):
    """Are points those of the main path, and bonuses in the marks and told apart?"""
    lesson = two_lessons.lessons[1]
    assert (lesson.points, lesson.bonus_points) == (3, 2)
    assert (lesson.scores, lesson.bonuses) == ((0, 1.5, 2.5, 5), (1, 2))
    bars = list(make_bars(lesson.scores, lesson.points))
    assert [bar.label for bar in bars][-3:] == ["2.5 to under 3", "all 3", "over 3"]
    assert [bar.count for bar in bars] == [1, 0, 0, 1, 0, 1, 0, 1]


def test_what_is_further_is_compared_with_the_main_path():
    """Is the rest of the lesson, with which each exercise is compared, the main path alone?"""
    right = [handed_in(f"r{i}", report("more-2", "+"), report("more-1", "-"), lesson=MORE) for i in range(5)]
    wrong = [handed_in(f"w{i}", report("more-2", "-"), report("more-1", "+"), lesson=MORE) for i in range(5)]
    main, further = summarize_class(right + wrong, find_grader, CATALOGUE).lessons[0].exercises
    assert main.discrimination.why_not.endswith("same marks elsewhere.")
    assert further.discrimination.value == pytest.approx(-1)


def test_what_broke_and_what_was_odd(made):
    """Are both told with names?"""
    (broken,) = made.lessons[0].broken
    assert (broken.exercise.name, broken.sentence, broken.students) == ("made-2", "sentence 1", ("eve",))
    assert made.lessons[0].odd == (("cem", ("made-1: 2 cells answer it",)),)


def test_many_notes_on_an_odd_submission_are_folded():
    """Are two notes read at once, and more behind their number?"""
    few, many = (handed_in(name, notes=("a", "b", "c")[:count]) for name, count in (("ann", 2), ("bob", 3)))
    page = class_page(summarize_class([few, many], find_grader, CATALOGUE))
    assert "<li>ann: a; b</li>" in page
    assert "<li>bob: <details><summary>3 notes</summary>a; b; c</details></li>" in page


def test_full_marks_have_a_bar_of_their_own():
    """Does each score fall into exactly one bar?"""
    assert list(make_bars([0, 0.49, 0.5, 1.99, 2], 2)) == [
        Bar(0, 0.5, 2),
        Bar(0.5, 1, 1),
        Bar(1, 1.5, 0),
        Bar(1.5, 2, 1),
        Bar(2, 2, 1),
    ]
    assert [bar.label for bar in make_bars([], 2)][-2:] == ["1.5 to under 2", "all 2"]


@pytest.mark.parametrize("points", [0.5, 3, 6, 7.5, 12, 13, 30, 61, 100, 999])
def test_bars_are_few_and_lose_nobody(points):
    """Is every mark in some bar, whatever the points of the lesson?"""
    scores = [points * i / 97 for i in range(98)]
    found = list(make_bars(scores, points))
    assert sum(bar.count for bar in found) == 98
    assert len(found) <= 11
    assert found[-1].count == 1


def test_a_lesson_without_points_has_no_bars():
    assert list(make_bars([0, 0], 0)) == []


def test_discrimination_is_the_correlation_with_the_rest():
    """Is the number that of a calculation by hand, with the interval of Fisher's transformation?"""
    found = discrimination([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], [0, 0, 0, 0, 2, 0, 2, 2, 2, 2])
    assert found.value == pytest.approx(0.6)
    assert (found.low, found.high) == pytest.approx((-0.0476, 0.8925), abs=1e-4)
    assert "strong from weak" in found.meaning


def test_an_exercise_that_misleads():
    """Is chance told from what chance does not explain?"""
    own = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    certain = discrimination(own, [3, 3, 3, 3, 2, 1, 0, 0, 0, 0])
    doubtful = discrimination(own, [1, 1, 1, 0, 0, 1, 1, 0, 0, 0])
    assert certain.misleads and certain.meaning.startswith("Misleads")
    assert doubtful.misleads and doubtful.meaning.startswith("May mislead")
    assert doubtful.value == pytest.approx(-0.2)
    assert discrimination(own, [1 - mark for mark in own]).high == -1


@pytest.mark.parametrize(
    ("own", "rest", "why"),
    [
        ([0, 1] * 4 + [1], [0, 1] * 4 + [1], "9 answers"),
        ([1] * 10, [0, 1] * 5, "same mark here"),
        ([0, 1] * 5, [0.1 + 0.2, 0.3] * 5, "same marks elsewhere"),
    ],
)
def test_no_number_where_there_can_be_none(own, rest, why):
    """Are a small class and marks that are all the same left without a number, with the reason?"""
    found = discrimination(own, rest)
    assert found.value is None and not found.misleads
    assert why in found.meaning


def test_discrimination_leaves_out_what_was_not_decided():
    """Do blanks and our own faults stay out of the correlation?"""
    right = [handed_in(f"r{i}", report("made-1", "+"), report("made-2", "++")) for i in range(5)]
    wrong = [handed_in(f"w{i}", report("made-1", "-"), report("made-2", "--")) for i in range(5)]
    blank = [handed_in(f"b{i}", report("made-1", "."), report("made-2", "+!")) for i in range(5)]
    first, second = summarize_class(right + wrong + blank, find_grader, CATALOGUE).lessons[0].exercises
    assert (first.discrimination.answers, second.discrimination.answers) == (10, 10)
    assert first.discrimination.value == pytest.approx(1)


class Page(HTMLParser):
    """The elements of a page, and whether each end has its beginning."""

    VOID = {"meta", "br", "link", "img"}

    def __init__(self, text: str):
        super().__init__()
        self.tags, self._open = [], []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def test_the_page_is_well_formed_and_fetches_nothing(made):
    """Are there no scripts, nothing from the network, and only links to feedback pages and to the page itself?"""
    page = class_page(made)
    tags = Page(page).tags
    assert not {tag for tag, _ in tags} & {"script", "iframe", "link", "img", "object"}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "src"]
    links = {attributes["href"] for tag, attributes in tags if tag == "a"}
    assert links == {f"feedback/{name}/07-made/07-made.html" for name in ("ann", "bob", "cem", "dee", "eve")}
    assert "default-src 'none'" in page


def test_student_text_is_shown_as_text(made):
    """Are names, reasons and messages escaped?"""
    page = class_page(made)
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "KeyError: &lt;b&gt;" in page and "not a notebook: &lt;i&gt;" in page
    assert not re.search(r"<script|<b>|<i>", page)


def test_a_name_cannot_leave_the_folder_of_feedback():
    """Is a student's name with signs of its own a single piece of the link?"""
    found = [handed_in('a"b?#c', report("made-1", "-", HINT), report("made-2", "++"))]
    page = class_page(summarize_class(found, find_grader, CATALOGUE))
    assert 'href="feedback/a%22b%3F%23c/07-made/07-made.html"' in page


def test_the_page_says_the_numbers(made):
    """Are the figures there in words, besides the pictures?"""
    words = " ".join(re.sub(r"<[^>]+>", " ", class_page(made, 84)).split())
    assert "7 submissions from 6 students, 2 of them unreadable. Grading took 1 min 24 s, 12.00 s for each" in words
    assert "Of 3 points, the mean is 1.20, the median 1, the least 0, the most 3." in words
    assert "Submissions by points: 0 to under 0.5: 1; 1 to under 1.5: 3; all 3: 1." in words
    assert "1&nbsp;· Title made-1 made-1 Answers to Title made-1 2 right, 2 wrong, 1 not attempted" in words
    assert "2 4 2&nbsp;· Title made-2 made-2 Which column is due ? 2 students bob , cem" in words
    assert "Read by a person, and not counted here: exercise 3 (Why?)." in words
    assert "Nothing could be computed." in words
    assert "What students believe" not in words and "bonus" not in words


def test_the_page_says_misconceptions_and_bonus(two_lessons):
    """Are beliefs there with their exercises, and is what is further marked as a bonus?"""
    page = class_page(two_lessons)
    Page(page)
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "2 2 students 2 of at most 2 one &lt;row&gt; is enough design Another made lesson 1&nbsp;· Title" in words
    assert (
        words.index("is enough design") < words.index("1 misconception of one student alone") < words.index("rows come")
    )
    assert "of 2 points. Read by a person" in words
    assert words.index("Another made lesson 1&nbsp;·") < words.index("Another made lesson 2&nbsp;·")
    assert "2&nbsp;· Title more-1 (further) more-1" in words
    assert "2 misconceptions met in this lesson are above , with the other lessons." in words
    assert "In these, 2 students earned a bonus for what is further: at most 2 of 2 points." in words
    assert "2.5 to under 3: 1; over 3: 1." in words
    assert "Other hints met, the most frequent first" in words and NO_ROW in words


def test_a_bonus_that_nobody_earned_is_said():
    figures = summarize_class([handed_in("ann", report("more-2", "+"), lesson=MORE)], find_grader, CATALOGUE)
    assert "Nobody earned any of the 2 points of bonus" in class_page(figures)


def test_an_exercise_that_misleads_is_named():
    """Does the page name it, and only it?"""
    odd_ones = [handed_in(f"a{i}", report("made-1", "-"), report("made-2", "++")) for i in range(6)]
    others = [handed_in(f"b{i}", report("made-1", "+"), report("made-2", "--")) for i in range(6)]
    page = class_page(summarize_class(odd_ones + others, find_grader, CATALOGUE))
    assert "Look again at exercise 1 (Title made-1), 2 (Title made-2):" in page


def test_an_empty_class():
    """Is there a page that says so?"""
    page = class_page(summarize_class([], find_grader, CATALOGUE), 0.0)
    Page(page)
    assert "No submission was found." in page


def test_a_class_of_unreadable_submissions():
    """Does a lesson without any answer show no figures?"""
    page = class_page(summarize_class([handed_in("ann", reason="empty")], find_grader, CATALOGUE))
    Page(page)
    assert "1 submission, 1 of them unreadable." in page and "the mean" not in page


def test_how_long_it_took():
    assert describe_duration(59.4, 2) == "59.4 s, 29.70 s for each submission"
    assert describe_duration(3.0, 0) == "3.0 s"


def test_pictures_are_told_apart_without_colour():
    """Has each status a pattern of its own, and each picture its numbers in words?"""
    assert tuple(PATTERNS) == STATUSES
    assert len({strokes for _, strokes in PATTERNS.values()}) == len(STATUSES)
    shares = draw_shares({"right": 3, "partly right": 0, "wrong": 1}, "a title")
    rectangles = [node for node in ElementTree.fromstring(shares.svg).iter() if node.tag.endswith("rect")]
    assert [float(node.get("width")) for node in rectangles] == [180, 60]
    assert shares.words == "3 right, 1 wrong"
    histogram = ElementTree.fromstring(draw_histogram([("low", 1), ("high", 4)], "a title").svg)
    heights = [float(node.get("height")) for node in histogram.iter() if node.tag.endswith("rect")]
    assert heights[1] == 4 * heights[0] > 0


@pytest.mark.slow
def test_the_golden_class(course, graded):
    """Do golden submissions come out with the figures that their marks make, and is the page there?"""
    graders = LessonGraders(course, graded.seed)
    graders.get(LESSON)
    figures = summarize_class(graded.found, graders.find, graders.catalogue)
    (lesson,) = figures.lessons
    assert (lesson.id, figures.students) == (LESSON, len(STUDENTS) + len(BROKEN))
    assert len(figures.unreadable) == len(BROKEN) + 1
    for exercise in lesson.exercises:
        right = [name for name, s in STUDENTS.items() if s.statuses.get(exercise.exercise.name, "right") == "right"]
        assert exercise.counts["right"] == len(right)
    scores = [sum(map(float, (FULL | student.scores).values())) for student in STUDENTS.values()]
    assert sum(lesson.scores) == pytest.approx(sum(scores))
    assert "deleted-cell" in dict(lesson.odd)
    Page((graded.out / "class.html").read_text(encoding="utf-8"))
