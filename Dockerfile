# The portal: one image for site, worker, scheduler and migrations (compose.yaml, docs/operating.md).
FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
# Every package is held by its hash.
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --requirement /tmp/requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.base \
    STATIC_ROOT=/srv/static \
    VAR_DIR=/var/lib/portal
# Names in other scripts, in the PDFs that people keep: without a font they are spelt by numbers.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends fonts-noto-core fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/portal --create-home portal
COPY --from=packages /venv /venv
WORKDIR /srv/portal
COPY accounts accounts
COPY integrations integrations
COPY jobchanges jobchanges
COPY portal portal
COPY static static
COPY templates templates
COPY manage.py LICENSE ./
# Needs no setting: what is secret comes when a container starts, and stands in no layer.
RUN python manage.py collectstatic --no-input && python -m compileall -q .
USER portal
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
# No access log: its lines would hold sign-up links and OAuth codes. The portal writes its own.
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--timeout", "60", "--max-requests", "2000", "--max-requests-jitter", "200", "--no-control-socket"]
