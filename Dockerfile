# Two stages: the first builds a virtual environment, the second holds that and nothing else: no
# pip, no compiler, no source tree. The base is pinned by tag; a digest (`@sha256:…`) is to be added
# by whoever can look it up, and Dependabot keeps either current.

FROM python:3.14-slim-trixie AS build

WORKDIR /src

# Dependencies first: they change less often than the program.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv --without-pip /opt/leaderboard-bot \
    && pip --python /opt/leaderboard-bot/bin/python install \
        --require-hashes --no-deps --no-compile -r requirements/runtime.txt \
    && pip --python /opt/leaderboard-bot/bin/python check \
    && pip install --require-hashes --no-deps -r requirements/build.txt

COPY pyproject.toml README.md LICENSE ./
COPY bot/ bot/
COPY migrations/ migrations/
RUN python -m hatchling build -t wheel -d dist \
    && pip --no-cache-dir --python /opt/leaderboard-bot/bin/python install \
        --no-deps --no-index --no-compile dist/*.whl

# The image is read-only when it runs, so what can be compiled is compiled now.
RUN /opt/leaderboard-bot/bin/python -m compileall -q -j 0 /opt/leaderboard-bot/lib


FROM python:3.14-slim-trixie

LABEL org.opencontainers.image.title="leaderboard-bot" \
      org.opencontainers.image.description="Tells Slack and webhooks what happened on Hugging Face leaderboards" \
      org.opencontainers.image.licenses="Apache-2.0 AND BSD-3-Clause AND ISC"

# Whoever runs it may write there, and nowhere else; a new volume has the same mode.
RUN install -d -m 1777 /data

COPY --from=build /opt/leaderboard-bot /opt/leaderboard-bot

ENV PATH=/opt/leaderboard-bot/bin:$PATH \
    HOME=/data \
    HF_HUB_DISABLE_TELEMETRY=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# The database, and ./config.toml where there is one: paths in it are relative to /data. The user is
# only the default, a number and no name: any other does as well (`--user`).
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]

HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 \
    CMD ["leaderboard-bot", "healthcheck"]

ENTRYPOINT ["leaderboard-bot"]
CMD ["run"]
