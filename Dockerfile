# The image of every Airflow service in docker-compose.yaml: Airflow, Rasd and their locked requirements, compiled, run by a user without rights.
#
#   docker compose build

# The version that the tests run on. Pin the digest too (python:…@sha256:…) where your registry policy asks for it.
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS requirements
WORKDIR /build
COPY requirements-uv.txt requirements.txt requirements-deploy.txt ./
RUN python -m pip install --quiet --no-cache-dir --root-user-action=ignore --no-deps --require-hashes -r requirements-uv.txt \
    && uv venv --quiet /opt/venv \
    && uv pip sync --quiet --no-cache --python /opt/venv/bin/python --require-hashes --compile-bytecode requirements.txt requirements-deploy.txt

FROM ${PYTHON_IMAGE}
# USER and LOGNAME: any user id will do, one that /etc/passwd does not name too. No .pyc is written at run time: all are here.
ENV PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONPATH=/opt/rasd/include \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LANG=C.UTF-8 \
    HOME=/tmp \
    USER=airflow \
    LOGNAME=airflow \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/rasd/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/rasd/plugins
# The empty airflow.cfg keeps Airflow from writing one with keys of its own: everything is set by environment variables.
RUN useradd --uid 50000 --gid 0 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin airflow \
    && install -d -o 50000 -g 0 -m 775 /opt/airflow/logs \
    && echo "# Set by environment variables" >/opt/airflow/airflow.cfg
COPY --from=requirements /opt/venv /opt/venv
WORKDIR /opt/rasd
COPY LICENSE ./
COPY include include
COPY plugins plugins
COPY dags dags
RUN python -m compileall -q --invalidation-mode unchecked-hash include plugins dags \
    && python -c "import rasd.pipeline, rasd_airflow"
USER 50000:0
CMD ["airflow", "version"]
