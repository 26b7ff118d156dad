"""The desk's addresses and one page to press keys on, for test_page_in_browser.py."""

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template
from django.urls import path

from config.urls import urlpatterns as desk

PAGE = """{% extends "base.html" %}{% block title %}Keys{% endblock %}{% block bar %}<h1>Keys</h1>
<input data-key="/" aria-label="Search">{% endblock %}{% block content %}
<div class="split"><section class="queue" aria-label="List"><ul data-list="open" id="rows">{% for n in rows %}
<li id="row-{{ n }}"><a class="post" href="/keys/read/{{ n }}/" hx-get="/keys/read/{{ n }}/" hx-target="#reader">
<span class="say">Row {{ n }}</span></a></li>{% endfor %}</ul></section>
<article class="read" id="reader" aria-label="Reader">Nothing yet</article></div>
<div id="fresh" data-poll-url="/keys/fresh/">old</div>
<form id="slow" hx-post="/keys/slow/" hx-target="#answer"><button>Send</button></form>
<div id="answer"></div>
<form data-guard method="get" action="/keys/"><textarea name="text" aria-label="Text"></textarea></form>
<form id="draft" hx-post="/keys/saved/" hx-trigger="input delay:50ms" hx-target="#answer" data-guard
 method="post" action="/keys/restore/9/"><textarea name="draft" aria-label="Draft"></textarea>
<button>Hand in</button></form>
<form id="bad" hx-post="/keys/bad/" hx-target="#answer"><button>Bad</button></form>
<form id="broken" hx-post="/keys/broken/" hx-target="#answer"><button>Broken</button></form>
{% endblock %}"""
READ = """<p>Reading {{ n }}</p><form hx-post="/keys/ignore/{{ n }}/" hx-target="#row-{{ n }}" hx-swap="delete">
<button data-key="e">Ignore <kbd>E</kbd></button></form>"""
asked: dict[str, int] = {"slow": 0, "fresh": 0}


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"rows": [1, 2, 3]})))


def read(request: HttpRequest, n: int) -> HttpResponse:
    return HttpResponse(Template(READ).render(Context({"n": n})))


def ignore(request: HttpRequest, n: int) -> HttpResponse:
    messages.success(request, f"Ignored {n}", extra_tags=f"undo:/keys/restore/{n}/")
    return HttpResponse("")


def restore(request: HttpRequest, n: int) -> HttpResponse:
    return HttpResponse(f"<!doctype html><title>Restored {n}</title>")


def slow(request: HttpRequest) -> HttpResponse:
    asked["slow"] += 1
    time.sleep(0.5)
    return HttpResponse("sent")


def fresh(request: HttpRequest) -> HttpResponse:
    asked["fresh"] += request.headers.get("X-Poll") == "1"
    return HttpResponse(f"new {asked['fresh']}")


def saved(request: HttpRequest) -> HttpResponse:
    time.sleep(0.5)
    return HttpResponse("saved")


def bad(request: HttpRequest) -> HttpResponse:
    return HttpResponse("please check", status=422)


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("trace", status=500)


keys: list[Any] = [
    path("keys/", page),
    path("keys/read/<int:n>/", read),
    path("keys/ignore/<int:n>/", ignore),
    path("keys/restore/<int:n>/", restore),
    path("keys/slow/", slow),
    path("keys/fresh/", fresh),
    path("keys/saved/", saved),
    path("keys/bad/", bad),
    path("keys/broken/", broken),
]
urlpatterns = [*keys, *desk]
