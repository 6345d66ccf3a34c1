#!/bin/sh
# Migrate an empty database to the newest schema and compare it with the models: nothing may differ.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export MATTERFLOW_DATA_DIR="$folder" MATTERFLOW_DATABASE_URL="sqlite:///$folder/check.db" MATTERFLOW_LOG_LEVEL=WARNING
.venv/bin/alembic -c config/alembic.ini upgrade head
.venv/bin/alembic -c config/alembic.ini check
