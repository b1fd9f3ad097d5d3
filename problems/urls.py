"""Where problems are: at the desk; and where a customer's contacts read reports."""

from django.urls import include, path, register_converter
from rest_framework.routers import SimpleRouter

from problems.api.views import ProblemViewSet
from problems.views import desk, reviews, verbs

app_name = "problems"


class ReferenceConverter:
    """ "PRB-17" and nothing else."""

    regex = "PRB-[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "problem")

router = SimpleRouter()
router.register("problems", ProblemViewSet, basename="api-problems")

PROBLEM = "desk/problems/<problem:reference>/"

urlpatterns = [
    path("desk/problems/", desk.problems, name="desk_list"),
    path("desk/problems/strip/", desk.queue_strip, name="queue_strip"),
    path(PROBLEM, desk.problem, name="desk_problem"),
    path(f"{PROBLEM}do/<slug:verb>/", verbs.act, name="act"),
    path(f"{PROBLEM}actions/<int:action>/<slug:verb>/", verbs.act_on_action, name="act_on_action"),
    path(f"{PROBLEM}review/", reviews.review, name="review"),
    path(f"{PROBLEM}review/release/", reviews.release, name="release"),
    path("desk/incidents/<str:reference>/problems/", desk.incident_panel, name="incident_panel"),
    path("desk/incidents/<str:reference>/problems/propose/", verbs.propose, name="propose"),
    path("api/v1/", include(router.urls)),
    path("reports/", reviews.reports, name="portal_reports"),
    path("reports/<int:report>/", reviews.report, name="portal_report"),
    path("reports/<int:report>/pdf/", reviews.report_pdf, name="report_pdf"),
]
