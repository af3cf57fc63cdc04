#!/usr/bin/env bash
# Set Superset up with Rasd's dashboard. Safe to run again: what is there is brought up to date.
#
#   RASD_VIEWS=/path/news.duckdb SUPERSET_ADMIN_PASSWORD=… SUPERSET_SECRET_KEY=… bi/provision.sh
#
# RASD_VIEWS is what `rasd views` wrote, at the path and with a lake that Superset sees as well.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${RASD_VIEWS:?the file that rasd views wrote}" "${SUPERSET_ADMIN_PASSWORD:?}" "${SUPERSET_SECRET_KEY:?}"
export SUPERSET_CONFIG_PATH=${SUPERSET_CONFIG_PATH:-$here/superset_config.py} FLASK_APP=superset
admin=${SUPERSET_ADMIN_USER:-admin}
test -r "$RASD_VIEWS" || { echo "There is no file $RASD_VIEWS; write it with: rasd views $RASD_VIEWS"; exit 1; }

superset db upgrade
superset fab create-admin --username "$admin" --firstname Rasd --lastname Admin --email "$admin@localhost" --password "$SUPERSET_ADMIN_PASSWORD"
superset init
bundle=$(mktemp -d)
trap 'rm -rf "$bundle"' EXIT
python "$here/bundle.py" "$RASD_VIEWS" "$bundle/rasd.zip"
superset import-dashboards --path "$bundle/rasd.zip" --username "$admin"
# importing leaves a database that is there as it is
superset set-database-uri --database_name Rasd --uri "duckdb:///$RASD_VIEWS?access_mode=read_only"
echo "Superset has the dashboard: /superset/dashboard/rasd/"
