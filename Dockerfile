# The image of web, newsroom, worker and beat: the same code, another command. See docker-compose.yml.
FROM node:22-slim AS assets
WORKDIR /desk
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev

FROM python:3.11-slim AS desk
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 VAR_DIR=/var/lib/tinglan
WORKDIR /desk
# A Chinese font: the statement as a picture is drawn with it (response/services/images.py).
RUN apt-get update && apt-get install -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY . .
COPY --from=assets /desk/node_modules/echarts/dist/echarts.common.min.js static/vendor/echarts.common.min.js
# The keys below are made up for this one step and are in no layer that runs: collecting files needs settings, not secrets.
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        python -m babel.messages.frontend --quiet compile --input-file "$po" --output-file "${po%.po}.mo"; done \
    && useradd --system --home-dir /var/lib/tinglan --create-home tinglan \
    && env $(python -m config.keys) DATABASE_URL=postgres://build@127.0.0.1/build STATIC_ROOT=/desk/staticfiles \
        python manage.py collectstatic --noinput --verbosity 0 \
    && chown -R tinglan /var/lib/tinglan
ENV STATIC_ROOT=/desk/staticfiles
USER tinglan
VOLUME /var/lib/tinglan
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "scripts/knock.py"]
CMD ["python", "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--bind", "0.0.0.0:8000", "--no-control-socket", "--preload"]
