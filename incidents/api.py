"""Being built."""

urlpatterns: list[object] = []
