# One image for all of our own services; docker-compose.yml says which command each of them runs.
FROM python:3.11-slim

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 tzdata \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt

COPY . .
RUN useradd --system --create-home credit \
    && mkdir -p .local media /data /private && chown credit .local media /data /private
USER credit
# As the user who runs the site, so that every folder stays writable for it. Asks no server, needs no lasting key.
RUN DATABASE_URL=postgresql://offline@127.0.0.1:1/offline REDIS_URL=redis://127.0.0.1:1/0 CREDIT_LOCAL_KEYS=1 \
        python manage.py collectstatic --noinput \
    && rm -f .local/keys.json

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
CMD ["gunicorn", "credit_platform.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "sync", "--workers", "4"]
