"""Where problems are: at the desk only."""

from django.urls import path, register_converter

from problems.views import desk

app_name = "problems"


class ReferenceConverter:
    """ "PRB-17" and nothing else."""

    regex = "PRB-[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "problem")

urlpatterns = [
    path("desk/problems/", desk.problems, name="desk_list"),
    path("desk/problems/<problem:reference>/", desk.problem, name="desk_problem"),
    path("desk/incidents/<str:reference>/problems/", desk.incident_panel, name="incident_panel"),
]
