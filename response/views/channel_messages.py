"""What platforms send us by themselves: no session, their own signature, and believed in nothing."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import clock
from response.channels import Refused, account_settings
from response.channels.wechat.callback import MOST_BYTES, NotTheirs, check, message
from response.services.ringing import ring

EVENTS = {"PUBLISHJOBFINISH": "publish_id", "MASSSENDJOBFINISH": "MsgID"}


@csrf_exempt
@require_http_methods(["GET", "POST"])
def wechat(request: HttpRequest) -> HttpResponse:
    """GET proves the address to the platform; POST says that a publication was decided: we ask what became of it."""
    try:
        config, query = account_settings("wechat"), request.GET.dict()
        if request.method == "GET":
            check(config.get("callback_token", ""), query)
            return HttpResponse(query.get("echostr", ""), content_type="text/plain")
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            raise NotTheirs
        told = message(config, query, request.body)
    except (NotTheirs, Refused, ValueError):
        return HttpResponse(status=403)
    event = told.get("Event", "")
    if told.get("MsgType") == "event" and event in EVENTS:
        ring(event, told.get(EVENTS[event], ""), clock.now())
    return HttpResponse("success", content_type="text/plain", headers={"Content-Language": settings.LANGUAGE_CODE})
