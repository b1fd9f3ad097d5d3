"""Running an assessment together: eighteen questions on a shared screen, each kept as it is answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from customers import assessment, questionnaire, standing
from customers.assessment import Collides
from customers.forms.assessment import AnswerForm, TopicForm, as_was, version_of
from customers.models import Customer, MaturityAssessment
from customers.permissions import SignedInRequest, agent_required, lead_required
from itsm.refusal import Refused

State = MaturityAssessment.State
QUESTIONS = range(1, 16)


@dataclass
class Row:
    """One question on the page: what is asked, what was chosen, and what became of it."""

    question: questionnaire.Question
    form: AnswerForm
    kept: Any  # what stands in the assessment, None while unanswered
    theirs: str = ""  # another answer that somebody gave meanwhile, in words
    is_settled: bool = False  # looked at anew after it was sent

    @property
    def version(self) -> Any:
        """What the next sending goes by: what is shown now; after a refusal still what was shown before it."""
        return version_of(self.kept) if self.is_settled else self.form["version"].value()

    @property
    def was(self) -> Any:
        return as_was(self.kept) if self.is_settled else self.form["was"].value()


@dataclass
class TopicRow:
    """One context question on the page."""

    topic: questionnaire.Topic
    form: TopicForm
    kept: str
    collides: bool = False
    is_settled: bool = False

    @property
    def seen(self) -> Any:
        return self.kept if self.is_settled else self.form["seen"].value()


@require_http_methods(["GET", "POST"])
@agent_required
def run(request: SignedInRequest, pk: int, assessment_pk: int) -> HttpResponse:
    """The questions; sent, it keeps whatever was touched. Who may not answer, and what is finished, is read only."""
    found = _find(request, pk, assessment_pk)
    if request.method == "GET":
        may_answer = request.user.is_lead and found.state == State.DRAFT and "sheet" not in request.GET
        return _page(request, found) if may_answer else _sheet(request, found)
    if not request.user.is_lead:
        raise Http404
    topics, rows = _topic_rows(found, request.POST), _rows(found, request.POST)
    forms: list[Form] = [*(said.form for said in topics), *(row.form for row in rows)]
    valid = [form.is_valid() for form in forms]  # each one, so that each says what is wrong with it
    if not all(valid):
        return _page(request, found, topics, rows, status=422)
    try:
        collided = [_keep_topic(request, found, each) for each in topics] + [
            _keep(request, found, each) for each in rows
        ]
    except Refused as refused:
        return _page(request, found, topics, rows, error=refused.sentence, status=refused.status)
    if any(collided):
        _settle(found, topics, rows)
        return _page(request, found, topics, rows, status=409)
    return _finish(request, found) if request.POST.get("then") == "finish" else _saved(request, found)


def _saved(request: SignedInRequest, found: MaturityAssessment) -> HttpResponse:
    messages.success(request, _("Kept. You can go on whenever it suits you."))
    return redirect("customers:desk_maturity", pk=found.customer_id)


def _finish(request: SignedInRequest, found: MaturityAssessment) -> HttpResponse:
    try:
        assessment.finish(found, by=request.user)
    except Refused as refused:
        found.refresh_from_db(fields=["state", "answers"])
        return _page(request, found, error=refused.sentence, status=refused.status)
    messages.success(request, _("Finished. This is what it adds up to; nothing changes until both sides accept it."))
    return redirect("customers:desk_maturity", pk=found.customer_id)


@require_POST
@lead_required
def question(request: SignedInRequest, pk: int, assessment_pk: int, number: int) -> HttpResponse:
    """Keeps one answer as soon as it is chosen, and says so beside it."""
    found = _find(request, pk, assessment_pk)
    if number not in QUESTIONS:
        raise Http404
    row = _row(found, questionnaire.question(number), request.POST)
    status, error = 422, ""
    if row.form.is_valid():
        try:
            status = 409 if _keep(request, found, row) else 200
        except Refused as refused:
            status, error = refused.status, refused.sentence
    if status != 422:
        _settle(found, [], [row])
    context = {"row": row, "assessment": found, "error": error, "progress": standing.progress(found.answers)}
    return render(request, "customers/desk/maturity/_saved.html", context | {"is_swap": True}, status=status)


@require_POST
@lead_required
def topic(request: SignedInRequest, pk: int, assessment_pk: int, topic: str) -> HttpResponse:
    """Keeps what was said to one context question."""
    found = _find(request, pk, assessment_pk)
    row = next((each for each in _topic_rows(found, request.POST) if each.topic.key == topic), None)
    if row is None:
        raise Http404
    status, error = 422, ""
    if row.form.is_valid():
        try:
            status = 409 if _keep_topic(request, found, row) else 200
        except Refused as refused:
            status, error = refused.status, refused.sentence
    if status != 422:
        _settle(found, [row], [])
    context = {"row": row, "assessment": found, "error": error, "is_swap": True}
    return render(request, "customers/desk/maturity/_saved_topic.html", context, status=status)


def _settle(found: MaturityAssessment, topics: list[TopicRow], rows: list[Row]) -> None:
    """What was sent is kept or collided: the rows go on from what stands in the assessment now."""
    found.refresh_from_db(fields=["answers", *questionnaire.TOPICS])
    for row in rows:
        row.kept, row.is_settled = found.answers[row.question.number - 1], True
    for said in topics:
        said.kept, said.is_settled = getattr(found, said.topic.key), True


def _keep(request: SignedInRequest, found: MaturityAssessment, row: Row) -> bool:
    """Keeps the answer where it was touched; True where somebody else gave another one meanwhile."""
    if not row.form.is_touched:
        return False
    try:
        assessment.answer(found, by=request.user, number=row.question.number, given=row.form.given())
    except Collides as collision:
        row.kept = theirs = collision.theirs
        row.theirs = _("%(name)s: %(answer)s") % {
            "name": theirs["by"], "answer": row.question.answer(theirs["level"])
        }  # fmt: skip
        return True
    return False


def _keep_topic(request: SignedInRequest, found: MaturityAssessment, row: TopicRow) -> bool:
    if not row.form.is_touched:
        return False
    given = row.form.cleaned_data
    try:
        assessment.answer_context(found, by=request.user, topic=row.topic.key, text=given["text"], seen=given["seen"])
    except Collides as collision:
        row.kept, row.collides = collision.theirs, True
    return row.collides


def _find(request: SignedInRequest, pk: int, assessment_pk: int) -> MaturityAssessment:
    customer = get_object_or_404(Customer.objects.visible_to(request.user).select_related("contract"), pk=pk)
    visible = MaturityAssessment.objects.visible_to(request.user).select_related("started_by")
    found = get_object_or_404(visible, pk=assessment_pk, customer=customer)
    found.customer = customer
    return found


def _row(found: MaturityAssessment, asked: questionnaire.Question, data: Any = None) -> Row:
    kept = found.answers[asked.number - 1]
    return Row(asked, AnswerForm(data, asked, kept), kept)


def _rows(found: MaturityAssessment, data: Any = None) -> list[Row]:
    return [_row(found, asked, data) for area in questionnaire.dimensions() for asked in area.questions]


def _topic_rows(found: MaturityAssessment, data: Any = None) -> list[TopicRow]:
    return [TopicRow(each, TopicForm(data, each, found), getattr(found, each.key)) for each in questionnaire.topics()]


def _areas(rows: list[Row]) -> Iterator[tuple[questionnaire.Dimension, list[Row]]]:
    by_number = {row.question.number: row for row in rows}
    for area in questionnaire.dimensions():
        yield area, [by_number[asked.number] for asked in area.questions]


def _page(
    request: SignedInRequest,
    found: MaturityAssessment,
    topics: list[TopicRow] | None = None,
    rows: list[Row] | None = None,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "customer": found.customer,
        "assessment": found,
        "topics": topics or _topic_rows(found),
        "areas": list(_areas(rows or _rows(found))),
        "progress": standing.progress(found.answers),
        "minutes": questionnaire.MINUTES,
        "error": error,
        "status": status,
    }
    return render(request, "customers/desk/maturity/run.html", context, status=status)


def _sheet(request: SignedInRequest, found: MaturityAssessment) -> HttpResponse:
    """The same questions to read and to print."""
    rows = _rows(found)
    context = {
        "customer": found.customer,
        "assessment": found,
        "topics": _topic_rows(found),
        "areas": list(_areas(rows)),
    }
    return render(request, "customers/desk/maturity/sheet.html", context)
