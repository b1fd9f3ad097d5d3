"""What is asked and suggested, and how five levels become a picture."""

import pytest

from customers import aims, questionnaire, radar
from customers.models import MaturityAssessment


def test_eighteen_questions_with_five_answers_each():
    asked = [question for area in questionnaire.dimensions() for question in area.questions]

    assert [question.number for question in asked] == list(range(1, 16))
    assert {len(question.answers) for question in asked} == {5}
    assert all(hasattr(MaturityAssessment, topic.key) for topic in questionnaire.topics())
    assert questionnaire.question(8) == asked[7]
    assert (asked[7].answer(2), asked[7].answer(None)) == ("Some do", "Not applicable")


@pytest.mark.parametrize(
    ("levels", "goal"),
    [
        ([2, 1, 1, 2, 1], "five_services"),  # the first of the weakest areas that has one
        ([3, 2, 2, 2, 2], "agree_priorities"),
        ([4, 4, 4, 3, 1], "contact_and_deputy"),  # nothing for a level 1 in learning: the first step of all
        ([3, 3, 3, 2, 3], "tell_your_people"),
        ([4, 2, 4, 4, 4], "five_services"),  # a step left out is still one
        ([5, 5, 5, 5, 5], "automatic_restore"),
        ([4, 4, None, 4, 3], "actions_get_done"),
    ],
)
def test_one_goal_is_suggested_for_the_weakest_area(levels, goal):
    assert aims.suggested(levels).key == goal


def test_the_radar_has_its_geometry_in_numbers_every_language_reads():
    drawn = radar.draw(["Up", "Right of it", "Below", "Below too", "Left of it"], [5, 1, None, 3, 2], [1, 1, 1, 1, 1])

    assert drawn.area.split(" ")[:3] == ["205.0,56.0", "223.3,146.1", "205.0,152.0"]
    assert [axis.value is None for axis in drawn.axes] == [False, False, True, False, False]
    assert [axis.anchor for axis in drawn.axes] == ["middle", "start", "start", "end", "end"]
    assert (len(drawn.rings), drawn.before != "") == (5, True)
    assert all(0 < float(x) < drawn.width and 0 < float(y) < drawn.height for a in drawn.axes for x, y, _ in a.lines)
