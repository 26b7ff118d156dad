"""How a form looks: FORM_RENDERER names this class, so `{{ form }}` and `{{ form.title.as_field_group }}` are alike."""

from django.forms.renderers import TemplatesSetting


class DeskForms(TemplatesSetting):
    """Fields and whole forms by our templates, widgets by Django's own."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
