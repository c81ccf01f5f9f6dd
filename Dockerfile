FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/countersign
WORKDIR /src
COPY requirements.lock ./
RUN /opt/countersign/bin/pip install --quiet --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
RUN /opt/countersign/bin/pip install --quiet --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/countersign --create-home --shell /usr/sbin/nologin countersign
COPY --from=build /opt/countersign /opt/countersign
ENV PATH=/opt/countersign/bin:$PATH HOST=0.0.0.0 PORT=8000 DATA_DIR=/var/lib/countersign PYTHONUNBUFFERED=1
USER countersign
WORKDIR /var/lib/countersign
VOLUME /var/lib/countersign
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/live', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["countersign", "serve"]
