"""The addresses of listening."""

from django.urls import path

from opinion.views import corrections, evidence, personal, quality, retokening, spread, terms, topics, trends, watches

app_name = "opinion"
urlpatterns = [
    path("trends/", trends.trends, name="trends"),
    path("trends/csv/", trends.export_trends, name="export-trends"),
    path("watches/", watches.watches, name="watches"),
    path("watches/add/", watches.add_watch, name="add-watch"),
    path("words/", retokening.retokening, name="retokening"),
    path("words/cut-anew/", retokening.start_retokening, name="start-retokening"),
    path("watches/try/", watches.try_watch, name="try-watch"),
    path("watches/<uuid:uuid>/", watches.change_watch, name="change-watch"),
    path("terms/", terms.terms, name="terms"),
    path("terms/add/", terms.add_term, name="add-term"),
    path("terms/<uuid:uuid>/", terms.change_term, name="change-term"),
    path("terms/<uuid:uuid>/switch/", terms.switch_term, name="switch-term"),
    path("topics/", topics.topics, name="topics"),
    path("topics/<uuid:uuid>/", topics.topic, name="topic"),
    path("topics/<uuid:uuid>/rename/", topics.rename_topic, name="rename-topic"),
    path("topics/<uuid:uuid>/merge/", topics.merge_topics, name="merge-topics"),
    path("topics/<uuid:uuid>/split/", topics.split_topic, name="split-topic"),
    path("topic-changes/<uuid:uuid>/undo/", topics.undo_topic_change, name="undo-topic-change"),
    path("posts/<uuid:uuid>/evidence/", evidence.evidence, name="evidence"),
    path("evidence/<uuid:uuid>/", evidence.evidence_file, name="evidence-file"),
    path("posts/<uuid:uuid>/fold/", topics.fold_post, name="fold"),
    path("folds/<uuid:uuid>/undo/", topics.unfold_post, name="unfold"),
    path("topics/<uuid:uuid>/spread/", spread.topic_spread, name="topic-spread"),
    path("topics/<uuid:uuid>/spread/relays.csv", spread.relays_csv, name="topic-relays"),
    path("posts/<uuid:uuid>/tone/", corrections.correct_tone, name="correct-tone"),
    path("corrections/<uuid:uuid>/take-back/", corrections.take_back_correction, name="take-back-correction"),
    path("quality/", quality.quality, name="quality"),
    path("quality/training/", quality.training_state, name="training"),
    path("quality/train/", quality.train_model, name="train-model"),
    path("quality/models/shipped/", quality.switch_model, name="use-shipped-model"),
    path("quality/models/<int:pk>/", quality.switch_model, name="switch-model"),
    path("quality/corrections/", quality.export_corrections, name="export-corrections"),
    path("posts/<uuid:uuid>/original/", personal.open_original, name="open-original"),
    path("personal/", personal.personal, name="personal"),
    path("personal/enter/", personal.enter_personal, name="enter-personal"),
    path("personal/<uuid:uuid>/", personal.personal_request, name="personal-request"),
    path("personal/<uuid:uuid>/look-again/", personal.look_again, name="look-again"),
    path("personal/<uuid:uuid>/export/", personal.export_personal, name="export-personal"),
    path("personal/<uuid:uuid>/erase/", personal.erase_personal, name="erase-personal"),
]
