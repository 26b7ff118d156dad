"""/api/v1/: the schema and its page are public, the data is not."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Swagger UI writes style attributes; its script comes from an address of its own, so scripts stay strict.
swagger = csp_update({"style-src": [SELF, UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view(url_name="api-schema"))

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[], authentication_classes=[]), name="api-schema"),
    path("docs/", swagger, name="api-docs"),
    path("", include("monitoring.api.views")),
    path("", include("incidents.api")),
    path("", include("response.api")),
]
