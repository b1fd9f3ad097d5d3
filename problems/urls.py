"""Where problems are: at the desk; what customers read of them are reports, and what helps meanwhile."""

from django.urls import include, path, register_converter
from rest_framework.routers import SimpleRouter

from problems.api.views import ProblemViewSet
from problems.views import desk, known_error_use, known_errors, portal_known, reviews, verbs

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

known_error_paths = [
    path("desk/known-errors/", known_errors.known_list, name="known_list"),
    path("desk/known-errors/new/", known_errors.new, name="known_new"),
    path("desk/known-errors/suggest/", known_error_use.suggest, name="desk_suggest"),
    path("desk/known-errors/<int:known_error>/", known_errors.known_error, name="known_error"),
    path("desk/known-errors/<int:known_error>/change/", known_errors.change, name="known_change"),
    path("desk/known-errors/<int:known_error>/communicate/", known_errors.communicate, name="known_communicate"),
    path("desk/known-errors/<int:known_error>/do/<slug:verb>/", known_errors.act, name="known_act"),
    path("desk/known-errors/<int:known_error>/uses/<int:use>/", known_error_use.judge, name="known_judge"),
    path("desk/incidents/<str:reference>/known-errors/", known_error_use.incident_panel, name="incident_known_errors"),
    path(
        "desk/incidents/<str:reference>/known-errors/<int:known_error>/",
        known_error_use.apply,
        name="apply_known_error",
    ),
    path("known-problems/", portal_known.known, name="portal_known"),
    path("known-problems/suggest/", portal_known.suggest, name="portal_suggest"),
    path("known-problems/<int:known_error>/helped/", portal_known.helped, name="portal_helped"),
]

urlpatterns = [
    *known_error_paths,
    path("desk/problems/", desk.problems, name="desk_list"),
    path("desk/problems/strip/", desk.queue_strip, name="queue_strip"),
    path(PROBLEM, desk.problem, name="desk_problem"),
    path(f"{PROBLEM}do/<slug:verb>/", verbs.act, name="act"),
    path(f"{PROBLEM}actions/<int:action>/<slug:verb>/", verbs.act_on_action, name="act_on_action"),
    path(f"{PROBLEM}review/", reviews.review, name="review"),
    path(f"{PROBLEM}review/release/", reviews.release, name="release"),
    path("desk/incidents/<str:reference>/problems/", desk.incident_panel, name="incident_panel"),
    path("desk/incidents/<str:reference>/problems/propose/", verbs.propose, name="propose"),
    path("desk/incidents/<str:reference>/problems/promote/", verbs.promote, name="promote"),
    path("api/v1/", include(router.urls)),
    path("reports/", reviews.reports, name="portal_reports"),
    path("reports/<int:report>/", reviews.report, name="portal_report"),
    path("reports/<int:report>/pdf/", reviews.report_pdf, name="report_pdf"),
]
