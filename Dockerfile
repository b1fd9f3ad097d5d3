# syntax=docker/dockerfile:1
# Two stages: the first builds the virtual environment and the static files, the second holds nothing but them.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements/production.txt requirements/production.txt
RUN python -m venv /venv && /venv/bin/pip install --no-deps --require-hashes -r requirements/production.txt
COPY manage.py pyproject.toml ./
COPY itsm itsm
COPY customers customers
COPY incidents incidents
COPY problems problems
COPY notifications notifications
COPY templates templates
COPY static static
COPY locale locale
# The key only lets the settings load; it is in no later layer.
RUN EVENKEEL_SECRET_KEY=build EVENKEEL_VAR=/app/var EVENKEEL_COMPRESS_STATIC=1 /venv/bin/python manage.py collectstatic --no-input

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="Evenkeel" org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=itsm.settings EVENKEEL_VAR=/app/var EVENKEEL_COMPRESS_STATIC=1
RUN groupadd --system --gid 10001 evenkeel && useradd --system --uid 10001 --gid evenkeel --home-dir /app evenkeel
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=root:root /app /app
RUN mkdir -p /app/var/media /app/var/beat && chown -R evenkeel:evenkeel /app/var/media /app/var/beat
USER evenkeel
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "itsm.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--max-requests", "2000", "--max-requests-jitter", "200", "--no-control-socket", "--access-logfile", "-"]
