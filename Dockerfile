# Rollcall for Slack and Microsoft Teams, with PostgreSQL support; SQLite works too, with a volume on /data.
#
#   docker build -t rollcall .
#   docker run -v ./app.yaml:/etc/rollcall/app.yaml:ro -v rollcall-data:/data --env-file rollcall.env rollcall
#
# rollcall.env holds one NAME=value a line (docs/configuration.md): for Slack SLACK_BOT_TOKEN and SLACK_APP_TOKEN, for Teams
# TEAMS_CLIENT_ID, TEAMS_TENANT_ID and TEAMS_CLIENT_SECRET. Teams calls `/api/messages` over https from outside: add
# `-p 127.0.0.1:3000:3000`, and let a proxy on this machine end TLS and pass that address, and no other, on to the port.

FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements-server.lock ./
RUN python -m venv /opt/rollcall \
 && /opt/rollcall/bin/pip install --no-cache-dir --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY digests digests
COPY handlers handlers
COPY playground playground
COPY reporting reporting
COPY storage storage
RUN /opt/rollcall/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin rollcall \
 && install -d -o rollcall -g rollcall -m 0750 /data
COPY --from=build /opt/rollcall /opt/rollcall
# Inside of a container the port is reached from outside only when it listens on every address.
ENV PATH=/opt/rollcall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=3000 \
    ROLLCALL_CONFIG=/etc/rollcall/app.yaml \
    ROLLCALL_DATA=/data
USER rollcall
WORKDIR /data
VOLUME /data
EXPOSE 3000
# Whether the process lives. Whether it can do its work is for /readyz, which must not restart it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
# SIGTERM: what is in hand is finished within `stop_within` of app.yaml, so allow a little more than that.
STOPSIGNAL SIGTERM
ENTRYPOINT ["rollcall"]
CMD ["run"]
