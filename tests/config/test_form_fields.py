"""Every form looks and reads alike: label, help, control, error, and a summary that leads to the fields."""

import re

import pytest
from django import forms
from django.utils import translation


class Report(forms.Form):
    title = forms.CharField(label="Title", help_text="One sentence")
    mail = forms.EmailField(label="Contact", required=False)
    told = forms.BooleanField(label="Told the leaders", required=False)
    affects = forms.MultipleChoiceField(label="Affects", widget=forms.CheckboxSelectMultiple, choices=[("b", "Brand")])
    seen = forms.IntegerField(widget=forms.HiddenInput)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_a_field_has_its_label_and_help_tied_to_it():
    html = Report()["title"].as_field_group()
    assert '<label for="id_title">Title</label>' in html
    assert '<div class="help" id="id_title_helptext">One sentence</div>' in html
    assert 'aria-describedby="id_title_helptext"' in html


def test_what_may_stay_empty_is_said():
    html = Report()["mail"].as_field_group()
    assert "(optional)" in html
    assert "(optional)" not in Report()["title"].as_field_group()


def test_a_mistake_is_tied_to_its_field():
    html = Report({"mail": "pr@"})["mail"].as_field_group()
    assert '<div class="form-field bad">' in html
    assert '<div id="id_mail_error"><p class="error">Enter a valid email address.</p></div>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_mail_error"' in html


def test_several_choices_stand_in_a_fieldset_with_a_legend():
    html = Report()["affects"].as_field_group()
    assert re.search(r"<fieldset>\s*<legend>Affects</legend>", html)


def test_a_whole_form_says_first_what_is_wrong_and_leads_there():
    html = str(Report({"mail": "pr@", "seen": "1"}))
    assert html.index('role="alert"') < html.index('class="form-field')
    assert '<a href="#id_title">Title</a>' in html
    assert '<input type="hidden" name="seen" value="1" id="id_seen">' in html


def test_a_fresh_form_says_nothing_is_wrong():
    assert 'role="alert"' not in str(Report())


def test_words_from_outside_are_escaped():
    assert "<b>" not in str(Report({"title": "<b>"}))
