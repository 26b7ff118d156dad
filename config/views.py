"""The first page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render

from accounts import clock
from accounts.requests import DeskRequest
from config.situation import situation


@login_required
def home(request: DeskRequest) -> HttpResponse:
    """今日态势: is anything the matter now, and whose turn is it?"""
    now = clock.now()
    return render(request, "config/home.html", {**situation(request.user, now), "now": now})
